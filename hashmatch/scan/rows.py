"""A fingerprint as rows of the catalogue, and frames back out of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.fingerprinting import (
    Fingerprint,
    FrameHashes,
    ImageFingerprint,
    VideoFingerprint,
    View,
)

CONTENT_COLUMNS = (
    "sha256",
    "recipe",
    "status",
    "reason",
    "kind",
    "mime",
    "size",
    "md5",
    "sha1",
    "width",
    "height",
    "stored_mode",
    "orientation",
    "frames",
    "fraction",
    "decode",
    "pdq",
    "quality",
    "dihedral",
    "captured",
    "camera",
)
VIDEO_COLUMNS = (
    "container",
    "codec",
    "duration_ms",
    "frame_rate",
    "n_broken",
    "cover_art",
    "interval_s",
    "n_sampled",
    "prune_distance",
    "trim",
    "n",
    "times_ms",
    "numbers",
    "spans_ms",
    "qualities",
    "hashes",
    "dihedral",
    "trimmed",
)
FRAME_COLUMNS = VIDEO_COLUMNS[VIDEO_COLUMNS.index("n") :]

INSERTS = {
    "contents": (
        f"INSERT OR IGNORE INTO contents (id, {', '.join(CONTENT_COLUMNS)}) "  # noqa: S608 - constants
        f"VALUES (?, {', '.join('?' * len(CONTENT_COLUMNS))})"
    ),
    "videos": (
        f"INSERT OR IGNORE INTO videos (content, {', '.join(VIDEO_COLUMNS)}) "  # noqa: S608 - constants
        f"VALUES (?, {', '.join('?' * len(VIDEO_COLUMNS))})"
    ),
    "trims": "INSERT OR IGNORE INTO trims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "verdicts": "INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?)",
    "items": (
        "INSERT INTO items (root, path, member, device, inode, size, mtime_ns, links, status, "
        "reason, opened, content, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (root, path, member) DO UPDATE SET device = excluded.device, "
        "inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns, "
        "links = excluded.links, status = excluded.status, reason = excluded.reason, "
        "opened = excluded.opened, content = excluded.content, run = excluded.run, gone = 0"
    ),
}
"""How rows are written, table by table; to write one again changes nothing."""


def storable(text: str | None) -> str | None:
    """A text that SQLite takes: what is no Unicode character is escaped."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()


def content_row(made: Fingerprint, recipe: int) -> tuple[Any, ...]:
    """Values of ``CONTENT_COLUMNS``; digests are there."""
    digests = made.digests
    common = (
        bytes.fromhex(digests.sha256 or ""),
        recipe,
        made.status.value,
        storable(made.reason),
        made.kind.value,
        storable(made.mime),
        made.size,
        bytes.fromhex(digests.md5 or ""),
        bytes.fromhex(digests.sha1 or ""),
        made.width,
        made.height,
    )
    if isinstance(made, VideoFingerprint):
        return (*common, None, made.orientation, made.n_frames, *[None] * 7)
    pdq = made.hashes.get("pdq")
    turned = made.dihedral.get("pdq")
    return (
        *common,
        made.stored_mode,
        None if made.orientation is None else str(made.orientation),
        made.frames,
        made.fraction,
        made.decode,
        None if pdq is None else pdq.value,
        None if pdq is None else pdq.quality,
        None if turned is None else b"".join(value.value for value in turned),
        made.captured,
        made.camera,
    )


def video_row(made: VideoFingerprint) -> tuple[Any, ...]:
    """Values of ``VIDEO_COLUMNS``. Arrays are little-endian, as their dtypes are in memory."""
    frames = made.frames
    return (
        storable(made.container),
        storable(made.codec),
        made.duration_ms,
        made.frame_rate,
        made.n_broken,
        storable(made.cover_art),
        made.interval_s,
        made.n_sampled,
        made.prune_distance,
        None if made.trim is None else " ".join(map(str, made.trim)),
        len(frames),
        frames.times_ms.astype("<i8").tobytes(),
        frames.numbers.astype("<i8").tobytes(),
        frames.spans_ms.astype("<i8").tobytes(),
        frames.qualities.tobytes(),
        frames.hashes.tobytes(),
        None if frames.dihedral is None else frames.dihedral.tobytes(),
        None if frames.trimmed is None else frames.trimmed.tobytes(),
    )


def trim_rows(made: ImageFingerprint) -> list[tuple[Any, ...]]:
    """What is within borders and bars: position, kind, box, quality, eight hashes.

    Hashes alone: a view's thumbnail is never written out.
    """
    hashed: list[View] = [view for view in made.views if view.hashes]
    return [
        (
            position,
            view.kind,
            *view.box,
            view.hashes[0].quality,
            b"".join(value.value for value in view.hashes),
        )
        for position, view in enumerate(hashed)
    ]


def frames_of(row: tuple[Any, ...]) -> FrameHashes:
    """Back from values of ``FRAME_COLUMNS``."""
    n, times, numbers, spans, qualities, hashes, dihedral, trimmed = row
    return FrameHashes(
        times_ms=_whole_numbers(times),
        numbers=_whole_numbers(numbers),
        hashes=np.frombuffer(hashes, np.uint8).reshape(n, 32),
        qualities=np.frombuffer(qualities, np.uint8),
        spans_ms=_whole_numbers(spans),
        dihedral=_turned(dihedral, n),
        trimmed=_turned(trimmed, n),
    )


def _whole_numbers(blob: bytes) -> NDArray[np.int64]:
    return np.frombuffer(blob, "<i8").astype(np.int64, copy=False)


def _turned(blob: bytes | None, n: int) -> NDArray[np.uint8] | None:
    return None if blob is None else np.frombuffer(blob, np.uint8).reshape(n, 8, 32)
