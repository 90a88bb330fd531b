"""What an export wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hashmatch.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        path: the file.
        format: exact format name.
        revision: the one that the whole file shows.
        media: media that the filter selected.
        size: bytes of the file.
        sha256: of the file, hex.
        ledger: of the writer; ``done`` are the records in the file.
    """

    path: str
    format: str
    revision: int
    media: int
    size: int
    sha256: str
    ledger: Ledger

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "path": self.path,
            "format": self.format,
            "revision": self.revision,
            "media": self.media,
            "size": self.size,
            "sha256": self.sha256,
            "ledger": self.ledger.to_dict(),
        }
