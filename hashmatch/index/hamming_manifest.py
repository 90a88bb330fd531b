"""The files of a Hamming index: a segment's arrays, and the manifest that lists segments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hashmatch import _native
from hashmatch.errors import IndexCorruptError
from hashmatch.index.file_format import SectionFile, open_sections
from hashmatch.index.section_writer import SectionWriter

SUFFIX = ".hmx"
MANIFEST = "MANIFEST" + SUFFIX
_MANIFEST_KIND = "hamming-manifest"
_SEGMENT_KIND = "hamming-segment"
_MAX_SEGMENTS = 10_000
_MAX_BITS = 65_528


@dataclass(frozen=True, slots=True)
class Listed:
    """One segment of a manifest."""

    file: str
    checksum: str
    removed: NDArray[np.uint64] | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder holds."""

    generation: int
    bits: int
    next_id: int
    segments: tuple[Listed, ...]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder as it stands now.

    Raises:
        IndexFileError and its children: see ``open_sections``.
    """
    with open_sections(folder / MANIFEST, kind=_MANIFEST_KIND) as file:
        file.ensure_verified()
        return _manifest(file)


def _manifest(file: SectionFile) -> Manifest:
    count = number(file, "segments")
    if not 0 <= count <= _MAX_SEGMENTS:
        raise IndexCorruptError(f"{file.path}: expected 0..{_MAX_SEGMENTS} segments, got {count}")
    segments = []
    for place in range(count):
        name, checksum = (file.meta.get(f"{key}.{place}") for key in ("file", "checksum"))
        if not isinstance(name, str) or not isinstance(checksum, str):
            raise IndexCorruptError(f"{file.path}: segment {place} has no file or checksum")
        if Path(name).name != name or not name.endswith(SUFFIX):
            raise IndexCorruptError(
                f"{file.path}: expected the name of a file in this folder, got {name!r}"
            )
        section = f"removed.{place}"
        removed = np.array(file[section]) if section in file else None
        if removed is not None and removed.dtype != np.uint64:
            raise IndexCorruptError(f"{file.path}: {section}: expected uint64, got {removed.dtype}")
        segments.append(Listed(name, checksum, removed))
    generation, bits, next_id = (number(file, key) for key in ("generation", "bits", "next_id"))
    if generation < 1 or not 0 <= next_id <= np.iinfo(np.int64).max:
        raise IndexCorruptError(
            f"{file.path}: expected a generation from 1 on and a next id in int64, got "
            f"{generation} and {next_id}"
        )
    if not 8 <= bits <= _MAX_BITS or bits % 8:
        raise IndexCorruptError(
            f"{file.path}: bits: expected a multiple of 8 from 8 to {_MAX_BITS}, got {bits}"
        )
    return Manifest(generation, bits, next_id, tuple(segments))


def write_manifest(
    folder: Path, generation: int, bits: int, next_id: int, segments: Sequence[Listed]
) -> None:
    meta: dict[str, int | str] = {
        "generation": generation,
        "bits": bits,
        "next_id": next_id,
        "segments": len(segments),
    }
    for place, listed in enumerate(segments):
        meta[f"file.{place}"] = listed.file
        meta[f"checksum.{place}"] = listed.checksum
    with SectionWriter(folder / MANIFEST, kind=_MANIFEST_KIND, meta=meta) as writer:
        for place, listed in enumerate(segments):
            if listed.removed is not None:
                writer.write(f"removed.{place}", listed.removed)


def write_segment(path: Path, segment: _native.HammingSegment) -> str:
    meta: dict[str, int | str] = {
        "bits": segment.bits,
        "hashes": len(segment),
        "chunks": segment.chunks,
        "key_bits": segment.key_bits,
    }
    with SectionWriter(path, kind=_SEGMENT_KIND, meta=meta) as writer:
        writer.write("blocks", segment.blocks)
        writer.write("ids", segment.ids)
        writer.write("directory", segment.directory)
        writer.write("entries", segment.entries)
    with open_sections(path, kind=_SEGMENT_KIND) as file:
        return file.checksum


def generation_of(path: Path) -> int:
    """The save that wrote a segment file, by its name; 0 for other names."""
    found = re.fullmatch(r"segment-(\d{1,18})-\d+" + re.escape(SUFFIX), path.name)
    return int(found[1]) if found else 0


def open_segment(path: Path) -> SectionFile:
    """A segment's file, mapped; its sections are not looked at yet. Raises as ``open_sections``."""
    return open_sections(path, kind=_SEGMENT_KIND)


def number(file: SectionFile, key: str) -> int:
    value = file.meta.get(key)
    if not isinstance(value, int):
        raise IndexCorruptError(f"{file.path}: expected a number under {key!r}, got {value!r}")
    return value
