"""What an index gives back is what it was given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hashmatch.errors import InputError
from hashmatch.index import DigestSet, DigestSetBuilder, HammingIndex, VectorIndex

RNG = np.random.default_rng(7)


@pytest.mark.parametrize("bits", [64, 256])
@pytest.mark.parametrize("pieces", [1, 3])
def test_hashes_of_a_hamming_index(tmp_path: Path, bits: int, pieces: int) -> None:
    count = 40_000
    hashes = RNG.integers(0, 256, (count, bits // 8), dtype=np.uint8)
    ids = RNG.permutation(count * 3)[:count].astype(np.int64)
    index = HammingIndex(bits)
    for some in np.array_split(np.arange(count), pieces):
        index.add(hashes[some], ids[some])
    index.remove(ids[::7])
    index.save(tmp_path / "index")
    kept = np.ones(count, dtype=np.bool_)
    kept[::7] = False
    for held in (index, index.snapshot(), HammingIndex.open(tmp_path / "index")):
        blocks = list(held.blocks(1000))
        assert max(len(found) for found, _ in blocks) <= 1000
        found = {int(i): bytes(v) for block in blocks for i, v in zip(*block, strict=True)}
        wanted = zip(ids[kept].tolist(), map(bytes, hashes[kept]), strict=True)
        assert found == dict(wanted)
        asked = RNG.permutation(np.flatnonzero(kept))[:100]
        assert np.array_equal(held.hashes(ids[asked]), hashes[asked])
        for absent in (int(ids[0]), -1, count * 3 + 1):
            with pytest.raises(InputError, match=f"expected ids of the index, got {absent}"):
                held.hashes(np.array([int(ids[1]), absent]))


def test_an_empty_index_holds_nothing() -> None:
    index = HammingIndex(256)
    assert list(index.blocks()) == []
    assert index.hashes(np.empty(0, np.int64)).shape == (0, 32)
    with pytest.raises(InputError):
        index.hashes(np.array([1]))
    with pytest.raises(InputError, match="rows"):
        index.blocks(0)


@pytest.mark.parametrize("dims", [1, 5, 16, 144, 145])
@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 1000])
def test_vectors(tmp_path: Path, dims: int, count: int) -> None:
    vectors = RNG.integers(0, 256, (count, dims), dtype=np.uint8)
    ids = RNG.permutation(count * 3)[:count].astype(np.int64)
    index = VectorIndex(dims)
    index.add(vectors[: count // 2], ids[: count // 2])
    index.add(vectors[count // 2 :], ids[count // 2 :])
    index.remove(ids[:1])
    index.save(tmp_path / "vectors")
    order = np.argsort(ids[1:])
    for held in (index, VectorIndex.open(tmp_path / "vectors")):
        found, values = held.entries()
        assert np.array_equal(found, ids[1:][order])
        assert np.array_equal(values, vectors[1:][order])


@pytest.mark.parametrize("width", [16, 20, 32])
def test_digests(tmp_path: Path, width: int) -> None:
    digests = RNG.integers(0, 256, (500, width), dtype=np.uint8)
    payload = RNG.integers(-(2**63), 2**63, 500, dtype=np.int64)
    with DigestSetBuilder(tmp_path / "a", width=width, with_payload=True) as builder:
        builder.add(digests, payload)
    order = np.lexsort(digests.T[::-1])
    for held in (DigestSet.open(tmp_path / "a"), DigestSet.from_arrays(digests, payload)):
        found, payloads = held.entries()
        assert np.array_equal(found, digests[order])
        assert payloads is not None
        assert np.array_equal(payloads, payload[order])
    found, payloads = DigestSet.from_arrays(digests).entries()
    assert np.array_equal(found, digests[order])
    assert payloads is None
