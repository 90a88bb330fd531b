"""Which revisions one shard's process answers from; no Ray."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hamming_samples import random_hashes
from shards_here import segment_of

from hashmatch.cluster import ShardedIndex
from hashmatch.cluster.revision_files import commit
from hashmatch.cluster.shard import Shard
from hashmatch.errors import IndexCorruptError, IndexFileError, RevisionGoneError

HASHES = random_hashes(200, 8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for revision in range(1, 4):  # revision r has hashes r, r + 1, ...
        ids = np.arange(revision, 200)
        ShardedIndex.build(tmp_path, HASHES[ids], ids, n_shards=1)
    return tmp_path


def answers(shard: Shard, revision: int) -> list[int]:
    """Which of the ids 0 to 4 the shard has at a revision."""
    return [
        number
        for number in range(5)
        if shard.hashes(revision, np.array([number], np.int64))[0] is not None
    ]


def test_what_counts_is_held_from_the_start(folder: Path) -> None:
    shard = Shard(str(folder), 0)
    assert shard.state()[1] == (1,)
    assert answers(shard, 1) == [1, 2, 3, 4]


def test_what_is_prepared_can_be_asked_beside_what_counts(folder: Path) -> None:
    shard = Shard(str(folder), 0)
    shard.prepare(2)
    assert (answers(shard, 1), answers(shard, 2)) == ([1, 2, 3, 4], [2, 3, 4])
    commit(folder, 2)
    assert answers(shard, 1) == [1, 2, 3, 4], "searches that have begun with it go on"
    shard.prepare(3)
    assert shard.state()[1] == (2, 3)
    with pytest.raises(RevisionGoneError, match="revision 1"):
        answers(shard, 1)


def test_what_was_prepared_in_vain_is_given_up(folder: Path) -> None:
    shard = Shard(str(folder), 0)
    shard.prepare(2)
    shard.forget(2)
    with pytest.raises(RevisionGoneError):
        answers(shard, 2)
    shard.forget(1)
    assert answers(shard, 1) == [1, 2, 3, 4], "what counts is not given up"


def test_a_process_that_is_new_answers_from_what_counts_only(folder: Path) -> None:
    for counting in (1, 3, 2):
        commit(folder, counting)
        shard = Shard(str(folder), 0)
        for revision in {1, 2, 3} - {counting}:
            with pytest.raises(RevisionGoneError, match=f"revision {revision}"):
                answers(shard, revision)
        assert answers(shard, counting) == [n for n in range(5) if n >= counting]


def test_a_process_that_missed_the_preparation_takes_the_switch_over(folder: Path) -> None:
    shard = Shard(str(folder), 0)
    commit(folder, 2)
    assert answers(shard, 2) == [2, 3, 4]


def test_bad_files_are_told_to_who_asks(folder: Path) -> None:
    path = segment_of(folder, 1, 0)
    data = bytearray(path.read_bytes())
    data[4100] ^= 1
    path.write_bytes(data)
    shard = Shard(str(folder), 0)
    with pytest.raises(IndexCorruptError):
        answers(shard, 1)
    with pytest.raises(IndexCorruptError):
        shard.prepare(1)
    path.unlink()
    again = Shard(str(folder), 0)
    with pytest.raises(IndexFileError):
        answers(again, 1)
