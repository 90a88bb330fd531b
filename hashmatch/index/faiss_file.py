"""An ApproximateIndex as a file: our container around the bytes that faiss serialises."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import IndexCorruptError
from hashmatch.index.faiss_kinds import KINDS
from hashmatch.index.faiss_library import faiss_library, reading
from hashmatch.index.file_format import SectionFile, open_sections
from hashmatch.index.recall import Recall
from hashmatch.index.section_writer import SectionWriter
from hashmatch.index.vector_file import number_of, section_of

KIND = "approximate"


def write_faiss(
    path: str | PathLike[str], index: Any, ids: NDArray[np.int64], kind: str, recall: Recall
) -> None:
    """Raises IndexFileError where the file can't be written."""
    meta: dict[str, int | str] = {
        "kind": kind,
        "bits": int(index.d),
        "found": recall.found,
        "neighbours": recall.neighbours,
        "max_distance": recall.max_distance,
    }
    with SectionWriter(path, kind=KIND, meta=meta) as writer:
        writer.write("ids", ids)
        writer.write("faiss", faiss_library().serialize_index_binary(index))


def read_faiss(path: str | PathLike[str]) -> tuple[Any, NDArray[np.int64], str, Recall]:
    """(faiss's index, ids, kind, recall). faiss sees the bytes only after their checksum."""
    faiss = faiss_library()
    with open_sections(path, kind=KIND) as file:
        file.ensure_verified()
        kind = file.meta.get("kind")
        if kind not in KINDS:
            raise IndexCorruptError(f"{file.path}: meta 'kind': got {kind!r}")
        recall = _recall(file)
        ids = np.array(section_of(file, "ids", np.int64))
        if len(np.unique(ids)) != len(ids):
            raise IndexCorruptError(f"{file.path}: ids: expected each once")
        with reading(str(file.path)):
            index = faiss.deserialize_index_binary(np.array(section_of(file, "faiss", np.uint8)))
        expected = {"hnsw": faiss.IndexBinaryHNSW, "ivf": faiss.IndexBinaryIVF}[str(kind)]
        if not isinstance(index, expected):
            raise IndexCorruptError(
                f"{file.path}: expected faiss's {expected.__name__}, got {type(index).__name__}"
            )
        if index.d != number_of(file, "bits") or index.ntotal != len(ids) or not len(ids):
            raise IndexCorruptError(
                f"{file.path}: expected {len(ids)} hashes of {number_of(file, 'bits')} bits, "
                f"got {index.ntotal} of {index.d}"
            )
    return index, ids, str(kind), recall


def _recall(file: SectionFile) -> Recall:
    recall = Recall(*(number_of(file, name) for name in ("found", "neighbours", "max_distance")))
    if not 0 <= recall.found <= recall.neighbours or not recall.neighbours:
        raise IndexCorruptError(f"{file.path}: expected a recall, got {recall}")
    if not 0 <= recall.max_distance <= number_of(file, "bits"):
        raise IndexCorruptError(f"{file.path}: expected a radius, got {recall.max_distance}")
    return recall
