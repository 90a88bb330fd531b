"""A revision's files: whole or absent, never mistaken, named by what counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hamming_samples import random_hashes
from shards_here import segment_of

from hashmatch.cluster import (
    ShardedIndex,
    build_revision,
    remove_revision,
    shard_of,
    verify_files,
)
from hashmatch.cluster.revision_files import (
    commit,
    committed,
    open_shard,
    read_manifest,
    revision_folder,
    revisions_in,
    shard_name,
)
from hashmatch.errors import IndexCorruptError, IndexFileError, InputError, InputTypeError
from hashmatch.index import HammingIndex

IDS = np.arange(-5, 295, dtype=np.int64) * 7
HASHES = random_hashes(len(IDS), 4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert ShardedIndex.build(tmp_path, HASHES, IDS, n_shards=3) == 1
    return tmp_path


def test_each_shard_has_the_entries_of_its_ids(folder: Path) -> None:
    shards = shard_of(IDS, 3)
    manifest = read_manifest(folder, 1)
    assert (manifest.entries, manifest.bits, len(manifest.shards)) == (len(IDS), 256, 3)
    for number, files in enumerate(manifest.shards):
        mine = shards == number
        index = open_shard(folder, 1, number, verify=True)
        assert len(index) == files.entries == mine.sum() > 0
        assert np.array_equal(index.hashes(IDS[mine]), HASHES[mine])
        assert len(list((revision_folder(folder, 1) / shard_name(number)).glob("segment-*"))) == 1
    verify_files(folder, 1)


@pytest.mark.parametrize("step", [1, 8, 1000, 1 << 40])
def test_ids_in_steps_fill_all_shards_alike(step: int) -> None:
    shards = shard_of(np.arange(8000, dtype=np.int64) * step, 8)
    counts = np.bincount(shards, minlength=8)
    assert counts.min() > 850
    assert counts.max() < 1150


def test_the_assignment_is_the_one_that_files_were_written_by() -> None:
    """splitmix64 of its reference: seed 0 gives 0xE220A8397B1DCDAF first."""
    assert shard_of(np.array([0], np.int64), 4096)[0] == 0xE220A8397B1DCDAF % 4096
    extremes = np.array([np.iinfo(np.int64).min, -1, np.iinfo(np.int64).max])
    assert ((shard_of(extremes, 5) >= 0) & (shard_of(extremes, 5) < 5)).all()


def test_blocks_give_the_same_bytes_as_an_array(folder: Path, tmp_path: Path) -> None:
    order = np.random.default_rng(1).permutation(len(IDS))
    blocks = [(IDS[order[first:][:70]], HASHES[order[first:][:70]]) for first in range(0, 300, 70)]
    assert build_revision(tmp_path / "blocks", iter(blocks), 3) == 1
    assert read_manifest(tmp_path / "blocks", 1) == read_manifest(folder, 1)


def test_only_the_first_revision_counts_without_a_switch(folder: Path) -> None:
    assert committed(folder) == 1
    assert ShardedIndex.build(folder, HASHES[:9], n_shards=3) == 2
    assert ShardedIndex.build(folder, HASHES[:9], n_shards=3, revision=40) == 40
    assert ShardedIndex.build(folder, HASHES[:9], n_shards=3) == 41
    assert (committed(folder), revisions_in(folder)) == (1, (1, 2, 40, 41))
    commit(folder, 40)
    assert committed(folder) == 40


def test_a_number_is_used_once(folder: Path) -> None:
    before = read_manifest(folder, 1)
    with pytest.raises(IndexFileError, match="there already"):
        ShardedIndex.build(folder, HASHES[:5], n_shards=3, revision=1)
    assert read_manifest(folder, 1) == before
    assert [path.name for path in folder.glob(".*")] == []


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    twice = np.array([5, 9, 5])
    with pytest.raises(InputError, match="5"):
        ShardedIndex.build(tmp_path, HASHES[:3], twice, n_shards=2)

    def blocks_that_break() -> object:
        yield IDS[:3], HASHES[:3]
        raise ConnectionError("the source is gone")

    with pytest.raises(ConnectionError):
        ShardedIndex.build(tmp_path, blocks_that_break(), n_shards=2)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["LOCK"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"hashes": HASHES.astype(np.int16)}, InputTypeError, "hashes"),
        ({"hashes": HASHES[:, :5]}, InputError, "hashes"),
        ({"ids": IDS[:4]}, InputError, "one id a hash"),
        ({"n_shards": 0}, InputError, "n_shards"),
        ({"n_shards": 5000}, InputError, "n_shards"),
        ({"bits": 12}, InputError, "bits"),
        ({"revision": -1}, InputError, "revision"),
        ({"hashes": iter([(IDS, HASHES)]), "ids": IDS}, InputTypeError, "ids"),
        ({"hashes": iter([(IDS[:3], HASHES)])}, InputError, "one id a hash"),
    ],
)
def test_wrong_arguments(
    arguments: dict[str, object], error: type[Exception], message: str, tmp_path: Path
) -> None:
    chosen: dict[str, object] = {"hashes": HASHES, "n_shards": 2, **arguments}
    with pytest.raises(error, match=message):
        ShardedIndex.build(tmp_path, **chosen)  # type: ignore[arg-type]
    assert list(tmp_path.glob("revision-*")) == []


def test_an_empty_revision_has_all_its_shards(tmp_path: Path) -> None:
    ShardedIndex.build(tmp_path, HASHES[:0], n_shards=4)
    assert [len(open_shard(tmp_path, 1, shard)) for shard in range(4)] == [0] * 4


@pytest.mark.parametrize("where", [0, 5000, -1])
def test_a_changed_byte_is_found(folder: Path, where: int) -> None:
    path = segment_of(folder, 1, 2)
    data = bytearray(path.read_bytes())
    data[where] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexCorruptError, match=path.name):
        verify_files(folder, 1)
    with pytest.raises(IndexCorruptError):
        open_shard(folder, 1, 2, verify=True)


def test_a_shard_of_another_revision_is_not_mistaken(folder: Path) -> None:
    """Sizes are equal, and each file is sound: only the revision's manifest can tell."""
    ShardedIndex.build(folder, HASHES[::-1].copy(), IDS, n_shards=3)
    old, new = (revision_folder(folder, number) / shard_name(1) for number in (1, 2))
    for path in new.iterdir():
        (old / path.name).write_bytes(path.read_bytes())
    HammingIndex.open(old, verify=True)
    with pytest.raises(IndexCorruptError, match="SHA-256"):
        open_shard(folder, 1, 1)


def test_what_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexFileError, match="REVISION"):
        read_manifest(folder, 7)
    with pytest.raises(IndexFileError, match="CURRENT"):
        committed(tmp_path / "nothing")
    with pytest.raises(IndexFileError, match="shard 3"):
        open_shard(folder, 1, 3)
    segment_of(folder, 1, 0).unlink()
    with pytest.raises(IndexFileError, match="segment"):
        open_shard(folder, 1, 0)


def test_a_manifest_of_another_number_is_refused(folder: Path) -> None:
    revision_folder(folder, 1).rename(revision_folder(folder, 2))
    with pytest.raises(IndexCorruptError, match="revision 2"):
        read_manifest(folder, 2)


def test_a_builder_that_was_killed_leaves_nothing_for_long(folder: Path) -> None:
    left = folder / ".revision-2.0123.part" / "shard-0"
    left.mkdir(parents=True)
    (left / "segment-1-0.hmx").write_bytes(b"half")
    assert ShardedIndex.build(folder, HASHES[:5], n_shards=3) == 2
    assert list(folder.glob(".*")) == []


def test_old_revisions_can_be_deleted_and_what_counts_can_not(folder: Path) -> None:
    ShardedIndex.build(folder, HASHES[:5], n_shards=3)
    held = open_shard(folder, 2, 1)
    remove_revision(folder, 2)
    assert revisions_in(folder) == (1,)
    assert len(held.range_search(HASHES[:5], 0).ids) == len(held)
    with pytest.raises(IndexFileError, match="counts"):
        remove_revision(folder, 1)
    with pytest.raises(IndexFileError, match="revision-2"):
        remove_revision(folder, 2)
    verify_files(folder, 1)
