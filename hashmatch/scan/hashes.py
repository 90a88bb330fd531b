"""All hashes of a catalogue as arrays, for grouping and for checks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import CatalogueError
from hashmatch.fingerprinting import FrameHashes
from hashmatch.scan.items import LAST_RECIPE, PRESENT
from hashmatch.scan.rows import FRAME_COLUMNS, frames_of


@dataclass(frozen=True, slots=True, eq=False)
class PictureHashes:
    """PDQ of distinct pictures, in the order of their SHA-256.

    Attributes:
        numbers: int64 (n,), ``CatalogueContent.number`` of each.
        sha256: uint8 (n, 32).
        hashes: uint8 (n, 32).
        qualities: uint8 (n,), 0..100.
        dihedral: uint8 (n, 8, 32), rows in the order of ``ORIENTATIONS``; None if not asked for.
    """

    numbers: NDArray[np.int64]
    sha256: NDArray[np.uint8]
    hashes: NDArray[np.uint8]
    qualities: NDArray[np.uint8]
    dihedral: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True, eq=False)
class TrimHashes:
    """PDQ of what is within the borders and bars of pictures, in the order of their SHA-256.

    Attributes:
        numbers: int64 (n,), ``CatalogueContent.number`` of the picture; up to three rows of one.
        boxes: int64 (n, 4), left, top, right, bottom in its pixels as shown, the last two
            exclusive.
        hashes: uint8 (n, 8, 32), rows in the order of ``ORIENTATIONS``.
        qualities: uint8 (n,), 0..100.
    """

    numbers: NDArray[np.int64]
    boxes: NDArray[np.int64]
    hashes: NDArray[np.uint8]
    qualities: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrames:
    """Frames of one video.

    Attributes:
        number: ``CatalogueContent.number``.
        sha256: 32 bytes.
        frames: as its fingerprint had them.
    """

    number: int
    sha256: bytes
    frames: FrameHashes


def picture_hashes(
    connection: sqlite3.Connection, dihedral: bool, low_information: bool
) -> PictureHashes:
    """See ``Catalogue.picture_hashes``."""
    statuses = "'OK', 'TRUNCATED'" + (", 'LOW_INFORMATION'" if low_information else "")
    where = (
        f"FROM contents WHERE recipe = {LAST_RECIPE} AND pdq IS NOT NULL "
        f"AND contents.status IN ({statuses}) AND {PRESENT}"
    )
    # Both questions see one state, also while another process writes.
    own = not connection.in_transaction
    if own:
        connection.execute("BEGIN")
    try:
        # To let SQLite sort the rows by their digests would cost more than all the rest.
        first = connection.execute(f"SELECT id, sha256 {where} ORDER BY id").fetchall()
        n = len(first)
        digests = np.frombuffer(b"".join(row[1] for row in first), np.dtype((np.void, 32)))
        order = np.argsort(digests, kind="stable")
        places = np.empty(n, np.int64)
        places[order] = np.arange(n)
        numbers = np.fromiter((row[0] for row in first), np.int64, n)[order]
        sha256 = digests[order].view(np.uint8).reshape(n, 32)
        del first, digests, order
        hashes, qualities = np.empty((n, 32), np.uint8), np.empty(n, np.uint8)
        turned = np.empty((n, 8, 32), np.uint8) if dihedral else None
        columns = "pdq, quality" + (", dihedral" if dihedral else "")
        rows = connection.cursor().execute(f"SELECT {columns} {where} ORDER BY id")
        for at, row in zip(places.tolist(), rows, strict=True):
            hashes[at] = np.frombuffer(row[0], np.uint8)
            qualities[at] = row[1] or 0
            if turned is not None:
                if row[2] is None:
                    raise CatalogueError("dihedral: the run's recipe did not ask for them")
                turned[at] = np.frombuffer(row[2], np.uint8).reshape(8, 32)
    finally:
        if own:
            connection.execute("COMMIT")
    return PictureHashes(numbers, sha256, hashes, qualities, turned)


def trim_hashes(connection: sqlite3.Connection) -> TrimHashes:
    """See ``Catalogue.trim_hashes``."""
    rows = (
        connection.cursor()
        .execute(
            "SELECT trims.content, box_left, box_top, box_right, box_bottom, "  # noqa: S608
            "trims.quality, trims.dihedral FROM trims JOIN contents ON contents.id = trims.content "
            f"WHERE recipe = {LAST_RECIPE} AND {PRESENT} ORDER BY sha256, position"
        )
        .fetchall()
    )
    n = len(rows)
    whole = np.array([row[:6] for row in rows], np.int64).reshape(n, 6)
    hashes = np.frombuffer(b"".join(row[6] for row in rows), np.uint8).reshape(n, 8, 32)
    return TrimHashes(whole[:, 0], whole[:, 1:5], hashes, whole[:, 5].astype(np.uint8))


def video_frames(connection: sqlite3.Connection) -> Iterator[VideoFrames]:
    """See ``Catalogue.video_frames``."""
    columns = ", ".join(f"videos.{name}" for name in FRAME_COLUMNS)
    rows = connection.cursor().execute(
        f"SELECT contents.id, sha256, {columns} FROM videos "  # noqa: S608 - constants
        # CROSS: from the videos to their contents, not through all contents.
        "CROSS JOIN contents ON contents.id = videos.content "
        f"WHERE recipe = {LAST_RECIPE} AND videos.n > 0 AND {PRESENT} ORDER BY sha256"
    )
    for number, sha256, *frames in rows:
        yield VideoFrames(number, sha256, frames_of(tuple(frames)))
