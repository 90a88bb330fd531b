"""Contents and items of a catalogue as arrays: a million of each are some tens of megabytes."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError
from hashmatch.scan import CatalogueContent, CatalogueItem, ItemStatus
from hashmatch.scan.statuses import outcome_of

Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOWHERE = -1
"""Place of a content that is not known."""
_ARCHIVES = (b".zip", b".7z", b".tar", b".gz", b".tgz", b".bz2", b".xz", b".zst", b".rar")
_DONE = ("done", "low-information")


@dataclass(frozen=True, slots=True, eq=False)
class ContentTable:
    """Contents in the order of their SHA-256; a content's row is its *place*.

    Attributes:
        numbers: int64 (n,), ``CatalogueContent.number``.
        sha256: uint8 (n, 32).
        sizes: int64 (n,), bytes.
        pixels: int64 (n,), width times height; 0 where they are not known.
        done, low, failed: bool (n,): examined; examined, and it says too little to be compared;
            a medium, or what may be one, that could not be examined.
        video, camera: bool (n,): a video; EXIF names a camera or a moment of capture.
    """

    numbers: Ids
    sha256: NDArray[np.uint8]
    sizes: Ids
    pixels: Ids
    done: Flags
    low: Flags
    failed: Flags
    video: Flags
    camera: Flags
    _order: Ids
    _sorted: Ids

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def read(cls, contents: Iterable[CatalogueContent]) -> ContentTable:
        """Read ``Catalogue.contents()``."""
        numbers, sizes, pixels = array("q"), array("q"), array("q")
        flags = [bytearray() for _ in range(5)]
        sha256 = bytearray()
        for content in contents:
            numbers.append(content.number)
            sizes.append(content.size)
            pixels.append((content.width or 0) * (content.height or 0))
            sha256 += bytes.fromhex(content.digests.sha256 or "")
            outcome = outcome_of(content.status, content.kind)
            values = (
                outcome in _DONE,
                outcome == "low-information",
                outcome == "failed",
                content.kind == "video",
                content.captured is not None or content.camera is not None,
            )
            for column, value in zip(flags, values, strict=True):
                column.append(value)
        rows = np.frombuffer(numbers, np.int64)
        order = np.argsort(rows)
        done, low, failed, video, camera = (np.frombuffer(column, np.bool_) for column in flags)
        return cls(
            numbers=rows,
            sha256=np.frombuffer(sha256, np.uint8).reshape(-1, 32),
            sizes=np.frombuffer(sizes, np.int64),
            pixels=np.frombuffer(pixels, np.int64),
            done=done,
            low=low,
            failed=failed,
            video=video,
            camera=camera,
            _order=order,
            _sorted=rows[order],
        )

    def places(self, numbers: Any) -> Ids:
        """Places of contents by their numbers, int64 (m,).

        Raises:
            InputError: one of them is no content of the catalogue.
        """
        wanted = np.asarray(numbers, np.int64)
        at = np.searchsorted(self._sorted, wanted)
        found = at < len(self._sorted)
        if not found.all() or (self._sorted[at] != wanted).any():
            raise InputError("groups: expected contents of this catalogue, got others")
        return self._order[at]

    def place_of(self, sha256: str) -> int:
        """Place of a content by its SHA-256 in hex; ``NOWHERE`` if it is none of these."""
        wanted = bytes.fromhex(sha256)
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.sha256[middle].tobytes() < wanted:
                low = middle + 1
            else:
                high = middle
        there = low < len(self) and self.sha256[low].tobytes() == wanted
        return low if there else NOWHERE


@dataclass(frozen=True, slots=True, eq=False)
class ItemTable:
    """Items in the order of the bytes of root, path and member.

    Attributes:
        places: int32 (m,), place of the item's content; ``NOWHERE``.
        folders: uint64 (m,), a digest of the folder, or of the archive, that the item lies in.
        failed: bool (m,), the ledger counts it as failed.
        locked: bool (m,), it, or what is in it, is encrypted.
        sizes: int64 (m,), bytes.
        n_archives: files of no known medium that are called like archives.
    """

    places: NDArray[np.int32]
    folders: NDArray[np.uint64]
    failed: Flags
    locked: Flags
    sizes: Ids
    n_archives: int

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def read(cls, items: Iterable[CatalogueItem], table: ContentTable) -> ItemTable:
        """Read ``Catalogue.items()``."""
        numbers, sizes, folders = array("q"), array("q"), array("Q")
        failed, locked = bytearray(), bytearray()
        last, digest, n_archives = b"", 0, 0
        for item in items:
            folder = item.full_path if item.member else item.full_path.rpartition(b"/")[0]
            if folder != last or not folders:
                last, digest = folder, _short_digest(folder)
            numbers.append(NOWHERE if item.content is None else item.content.number)
            folders.append(digest)
            sizes.append(item.size)
            failed.append(item.outcome == "failed")
            locked.append(item.status == ItemStatus.ENCRYPTED)
            n_archives += _is_called_archive(item)
        rows = np.frombuffer(numbers, np.int64)
        places = np.full(len(rows), NOWHERE, np.int32)
        places[rows != NOWHERE] = table.places(rows[rows != NOWHERE])
        return cls(
            places=places,
            folders=np.frombuffer(folders, np.uint64),
            failed=np.frombuffer(failed, np.bool_),
            locked=np.frombuffer(locked, np.bool_),
            sizes=np.frombuffer(sizes, np.int64),
            n_archives=n_archives,
        )

    def counts(self, n: int, among: Flags | None = None) -> Ids:
        """How many items each of ``n`` contents has, of some of all items; int64 (n,)."""
        owned = self.places >= 0 if among is None else among & (self.places >= 0)
        return np.bincount(self.places[owned], minlength=n).astype(np.int64)

    def first(self, n: int, among: Flags | None = None) -> Ids:
        """Of each content the first item, of some of all items; int64 (n,), ``NOWHERE``."""
        ordinals = np.flatnonzero(self.places >= 0 if among is None else among & (self.places >= 0))
        found = np.full(n, NOWHERE, np.int64)
        # The last assignment stays, so from the end.
        found[self.places[ordinals[::-1]]] = ordinals[::-1]
        return found


def _is_called_archive(item: CatalogueItem) -> bool:
    content = item.content
    if item.member or content is None or content.kind in ("image", "video"):
        return False
    return item.path.lower().endswith(_ARCHIVES)


def _short_digest(folder: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(folder, digest_size=8).digest(), "big")
