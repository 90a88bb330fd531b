"""Items and contents of a catalogue as values, in an order that no run can change."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hashmatch.encoding import format_hex
from hashmatch.scan.listing import join
from hashmatch.scan.statuses import ItemStatus, outcome_of
from hashmatch.types import Digests

SEPARATOR = b"\0"
"""Between the names of an archive within an archive and its member; no name holds it."""

SHOWN = "!/"

LAST_RECIPE = "(SELECT recipe FROM runs ORDER BY id DESC LIMIT 1)"

_CONTENT = (
    "contents.id, contents.sha256, contents.status, contents.reason, kind, mime, contents.size, "
    "md5, sha1, width, height, pdq, quality, contents.dihedral, captured, camera, "
    "videos.duration_ms, videos.hashes, videos.times_ms"
)

_ITEMS = (
    "SELECT roots.path, items.path, member, device, inode, "  # noqa: S608 - constants
    "items.size, mtime_ns, links, "
    f"items.status, items.reason, {_CONTENT} FROM items "
    "JOIN roots ON roots.id = items.root "
    "LEFT JOIN contents ON contents.id = items.content "
    "LEFT JOIN videos ON videos.content = contents.id "
    f"WHERE gone = 0 AND (items.content IS NULL OR contents.recipe = {LAST_RECIPE}) "
)
_ORDER = "ORDER BY roots.path, items.path, member"


@dataclass(frozen=True, slots=True)
class CatalogueContent:
    """What was computed of some bytes.

    Attributes:
        number: of the row; from one catalogue to another it differs, so it is written nowhere.
        digests: all three.
        status, reason: as of a fingerprint.
        kind, mime: what the bytes are.
        size: of them.
        width, height: as shown.
        pdq: 32 bytes; None of videos, and where there is none.
        quality: of the PDQ hash, 0..100.
        dihedral: 8 x 32 bytes, in the order of ``ORIENTATIONS``.
        captured: when a picture was taken by its camera's clock, "2024-05-01T12:00:00" or
            "2024-05-01T12:00:00.123"; None where EXIF does not say.
        camera: its make and model; None where EXIF does not say.
        duration_ms: of a video.
        frame_times_ms, frame_hashes: of a video, one for each frame that stayed.
    """

    number: int
    digests: Digests
    status: str
    reason: str | None
    kind: str
    mime: str | None
    size: int
    width: int | None
    height: int | None
    pdq: bytes | None
    quality: int | None
    dihedral: bytes | None
    duration_ms: int | None = None
    frame_times_ms: bytes | None = None
    frame_hashes: bytes | None = None
    captured: str | None = None
    camera: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "md5": self.digests.md5,
            "sha1": self.digests.sha1,
            "sha256": self.digests.sha256,
            "status": self.status,
            "reason": self.reason,
            "kind": self.kind,
            "mime": self.mime,
            "size": self.size,
            "width": self.width,
            "height": self.height,
            "pdq": None if self.pdq is None else format_hex(self.pdq),
            "quality": self.quality,
            "dihedral": _rows(self.dihedral),
            "captured": self.captured,
            "camera": self.camera,
            "duration_ms": self.duration_ms,
            "frames": _rows(self.frame_hashes),
        }


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One file, archive member or other thing under a root.

    Attributes:
        root, path: bytes, as of ``Entry``.
        member: within the archive at ``path``, names of archives within it separated by a NUL;
            empty for the file itself.
        device, inode: numbers as text; items with the same two are one file.
        size: in bytes.
        mtime_ns: nanoseconds since 1970, as text; of a member its archive's.
        links: names that the file has.
        status: how far it got: an ``ItemStatus`` or a ``FingerprintStatus``.
        reason: more about it.
        outcome: where it counts in the ledger.
        content: None where its bytes are not known.
    """

    root: bytes
    path: bytes
    member: bytes
    device: str
    inode: str
    size: int
    mtime_ns: str
    links: int
    status: str
    reason: str | None
    outcome: str
    content: CatalogueContent | None

    @property
    def full_path(self) -> bytes:
        """Where the file is; of a member, its archive."""
        return join(self.root, self.path)

    @property
    def name(self) -> str:
        """The path for people: what is no UTF-8 stays as surrogates, members after "!/"."""
        member = os.fsdecode(self.member.replace(SEPARATOR, SHOWN.encode()))
        return os.fsdecode(self.full_path) + (SHOWN + member if member else "")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON. Paths are text with surrogate escapes: nothing is lost."""
        return {
            "root": os.fsdecode(self.root),
            "path": os.fsdecode(self.path),
            "member": [os.fsdecode(part) for part in self.member.split(SEPARATOR) if part],
            "size": self.size,
            "mtime_ns": self.mtime_ns,
            "links": self.links,
            "status": self.status,
            "reason": self.reason,
            "outcome": self.outcome,
            "content": None if self.content is None else self.content.to_dict(),
        }


def read_items(
    connection: sqlite3.Connection, content: int | None = None
) -> Iterator[CatalogueItem]:
    """Every item of the last recipe that is there, or those with one content."""
    if content is None:
        rows = connection.cursor().execute(_ITEMS + _ORDER)
    else:
        one = f"{_ITEMS} AND items.content = ? {_ORDER}"
        rows = connection.cursor().execute(one, (content,))
    for row in rows:
        yield _item_of(row[:10], None if row[10] is None else content_of(row[10:]))


def read_item(
    connection: sqlite3.Connection, root: int, path: bytes, member: bytes
) -> CatalogueItem | None:
    """The item at a place, by the number of its root's row; None if there is none."""
    one = f"{_ITEMS} AND items.root = ? AND items.path = ? AND member = ?"
    row = connection.cursor().execute(one, (root, path, member)).fetchone()
    if row is None:
        return None
    return _item_of(row[:10], None if row[10] is None else content_of(row[10:]))


def _item_of(row: tuple[Any, ...], content: CatalogueContent | None) -> CatalogueItem:
    *place, own, reason = row
    root, path, member, device, inode, size, mtime_ns, links = place
    status = own or (content.status if content is not None else ItemStatus.UNREADABLE.value)
    kind = None if content is None else content.kind
    return CatalogueItem(
        root=root,
        path=path,
        member=member,
        device=device,
        inode=inode,
        size=size,
        mtime_ns=mtime_ns,
        links=links,
        status=status,
        reason=reason if own or content is None else content.reason,
        outcome=outcome_of(status, kind, of_item=own is not None),
        content=content,
    )


def read_contents(connection: sqlite3.Connection) -> Iterator[CatalogueContent]:
    """Every content of the last recipe that an item has."""
    rows = connection.cursor().execute(
        f"SELECT {_CONTENT} FROM contents "  # noqa: S608 - a constant
        "LEFT JOIN videos ON videos.content = contents.id "
        f"WHERE contents.recipe = {LAST_RECIPE} AND {PRESENT} ORDER BY contents.sha256"
    )
    for row in rows:
        yield content_of(row)


def read_content(connection: sqlite3.Connection, number: int) -> CatalogueContent | None:
    """The content of a row; None if there is none."""
    row = (
        connection.cursor()
        .execute(
            f"SELECT {_CONTENT} FROM contents "  # noqa: S608 - a constant
            "LEFT JOIN videos ON videos.content = contents.id WHERE contents.id = ?",
            (number,),
        )
        .fetchone()
    )
    return None if row is None else content_of(row)


def read_verdicts(connection: sqlite3.Connection, key: str) -> Iterator[tuple[int, bytes]]:
    """What a judge said of the last recipe's contents that an item has, by SHA-256."""
    yield from connection.cursor().execute(
        "SELECT contents.id, verdict FROM judges "  # noqa: S608 - constants
        "JOIN verdicts ON verdicts.judge = judges.id JOIN contents ON contents.id = content "
        f"WHERE key = ? AND contents.recipe = {LAST_RECIPE} AND {PRESENT} "
        "ORDER BY contents.sha256",
        (key,),
    )


PRESENT = "EXISTS (SELECT 1 FROM items WHERE items.content = contents.id AND items.gone = 0)"


def content_of(row: tuple[Any, ...]) -> CatalogueContent:
    """From the columns above."""
    number, sha256, status, reason, kind, mime, size, md5, sha1, *rest = row
    width, height, pdq, quality, dihedral, captured, camera, duration, hashes, times = rest
    digests = Digests(md5=md5.hex(), sha1=sha1.hex(), sha256=sha256.hex())
    return CatalogueContent(
        number=number,
        digests=digests,
        status=status,
        reason=reason,
        kind=kind,
        mime=mime,
        size=size,
        width=width,
        height=height,
        pdq=pdq,
        quality=quality,
        dihedral=dihedral,
        duration_ms=duration,
        frame_times_ms=times,
        frame_hashes=hashes,
        captured=captured,
        camera=camera,
    )


def _rows(blob: bytes | None) -> list[str] | None:
    if blob is None:
        return None
    return [format_hex(blob[at : at + 32]) for at in range(0, len(blob), 32)]
