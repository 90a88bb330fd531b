"""The manifest of the golden files of the exchange layer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "golden" / "exchange"
MANIFEST = FOLDER / "MANIFEST.toml"


@dataclass(frozen=True)
class GoldenList:
    """One row of the manifest.

    Attributes:
        path: in the folder of golden files; ``file`` is the whole path.
        records, deletions, rejected, field_rejects: what a reader finds.
        reading: what the reader has to be told; a mapping file is named by its path in the folder.
        detected: whether the content says what it is.
    """

    path: str
    format: str
    version: str
    what: str
    shows: str
    records: int
    deletions: int = 0
    rejected: int = 0
    field_rejects: int = 0
    reading: dict[str, Any] = field(default_factory=dict)
    detected: bool = True

    @property
    def file(self) -> Path:
        return FOLDER / self.path

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of ``open_reader`` without which the file is not read."""
        options = dict(self.reading)
        if "mapping" in options:
            options["mapping"] = FOLDER / options["mapping"]
        if not self.detected:
            options.setdefault("format", self.format)
        return options

    @property
    def arguments(self) -> list[str]:
        """The same for the command line."""
        return [
            text
            for name, value in self.options.items()
            for text in (f"--{name.replace('_', '-')}", str(value))
        ]


def read_manifest() -> dict[str, Any]:
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))


GOLDEN_LISTS = [GoldenList(**row) for row in read_manifest()["file"]]
