"""What a catalogue says of a content, and of a file that it has met."""

from __future__ import annotations

from dataclasses import dataclass

from hashmatch.scan.evidence import Identity


@dataclass(frozen=True, slots=True)
class Known:
    """A content that the catalogue has under the run's recipe.

    Attributes:
        number: of its row.
        kind: what it is, as of ``MediaKind``.
        judged: whether the run's judge has said something of it, or there is none.
    """

    number: int
    kind: str
    judged: bool = True

    @property
    def may_be_archive(self) -> bool:
        return self.kind not in ("image", "video")


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier run, or this one, wrote about a file."""

    identity: Identity
    status: str | None
    opened: str | None
    content: int | None
    sha256: bytes | None
    gone: bool
