"""An index in a folder: the same answers, shared and replaced safely, none from a bad file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hamming_samples import WITH_TABLES, random_hashes, turned

from hashmatch import _native
from hashmatch.errors import HashmatchError, IndexCorruptError, IndexFileError, InputError
from hashmatch.index import HammingIndex
from hashmatch.index.file_format import open_sections
from hashmatch.index.section_writer import SectionWriter

SEGMENT, MANIFEST = "hamming-segment", "hamming-manifest"


def sample(n: int = 400, bits: int = 256, strategy: str = "auto") -> HammingIndex:
    """Two segments, removals in both, ids in no order."""
    hashes = random_hashes(n, n, bits)
    hashes[n // 2 :] = hashes[: n - n // 2]
    hashes[n // 2 :, 0] ^= 5
    ids = np.random.default_rng(n).permutation(np.arange(n, dtype=np.int64)) - n // 3
    index = HammingIndex(bits, strategy=strategy)
    index.add(hashes[: n - 50], ids[: n - 50])
    index.add(hashes[n - 50 :], ids[n - 50 :])
    index.remove(np.concatenate([ids[3:60:7], ids[n - 20 : n - 10]]))
    return index


def answers(index: HammingIndex, n: int = 400) -> list[Any]:
    queries = random_hashes(n, n, index.bits)[::40]
    result, nearest = index.range_search(queries, index.bits // 6), index.knn(queries, 3)
    return [
        result.offsets.tolist(),
        result.ids.tolist(),
        result.distances.tolist(),
        nearest.ids.tolist(),
        [array.tolist() for array in index.pairs(6)],
        len(index),
    ]


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"LOCK"}


@pytest.mark.parametrize("bits", [8, 72, 256])
@pytest.mark.parametrize("strategy", ["auto", "scan"])
def test_an_opened_index_answers_as_the_saved_one(bits: int, strategy: str, tmp_path: Path) -> None:
    index = sample(bits=bits, strategy=strategy)
    index.save(tmp_path / "index")
    for again in (HammingIndex.open(tmp_path / "index", verify=flag) for flag in (False, True)):
        assert again.bits == bits
        assert answers(again) == answers(index)
        assert [id in again for id in range(-133, 267)] == [id in index for id in range(-133, 267)]
        again.verify()
        assert again.add(random_hashes(1, 1, bits)).tolist() == [267]
    empty = HammingIndex(bits)
    empty.save(tmp_path / "empty")
    assert len(HammingIndex.open(tmp_path / "empty")) == 0


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With tables; two segments, one hash removed."""
    folder = tmp_path_factory.mktemp("large") / "index"
    index = HammingIndex(256)
    index.add(random_hashes(WITH_TABLES, 1))
    index.add(random_hashes(100, 2))
    index.remove(np.array([5]))
    index.save(folder)
    return folder


def test_tables_come_back(large: Path) -> None:
    index = HammingIndex.open(large, strategy="mih")
    query = turned(random_hashes(WITH_TABLES, 1)[77], [1, 2, 3])
    assert index.explain(query, 31).segments[0].strategy == "mih"
    result = index.range_search(query[None], 31)
    assert result.ids.tolist() == [77]
    assert result.work is not None
    assert result.work.scanned == 100
    index.verify(samples=300)


def test_saving_again_writes_what_is_new(tmp_path: Path) -> None:
    index = sample()
    index.save(tmp_path)
    first = files(tmp_path)
    assert first == {"MANIFEST.hmx", "segment-1-0.hmx", "segment-1-1.hmx"}
    kept = {name: (tmp_path / name).stat().st_ino for name in first}
    index.add(random_hashes(3, 9))
    index.save(tmp_path)
    assert files(tmp_path) == first | {"segment-2-2.hmx"}
    index.remove(np.array([0]))
    index.save(tmp_path)  # the manifest only
    assert files(tmp_path) == first | {"segment-2-2.hmx"}
    for name in first - {"MANIFEST.hmx"}:
        assert (tmp_path / name).stat().st_ino == kept[name]
    index.compact()
    index.save(tmp_path)
    index.save(tmp_path)  # the one before no longer counts
    assert files(tmp_path) == {"MANIFEST.hmx", "segment-4-0.hmx"}
    assert answers(HammingIndex.open(tmp_path)) == answers(index)


def test_readers_go_on_and_refresh(tmp_path: Path) -> None:
    writer = sample()
    writer.save(tmp_path)
    reader = HammingIndex.open(tmp_path)
    untouched = HammingIndex.open(tmp_path)  # opened, never asked
    held = reader.snapshot()
    before = answers(reader)
    for turn in range(3):
        writer.remove(np.array([10 + turn]))
        writer.add(random_hashes(1, turn), np.array([1000 + turn]))
        writer.compact()
        writer.save(tmp_path)
    assert answers(reader) == before
    assert answers(untouched) == before
    assert reader.refresh()
    assert not reader.refresh()
    assert answers(reader) == answers(writer)
    assert len(held) == before[-1]
    assert 1000 in reader
    assert 1000 not in held


def test_nothing_of_another_writer_is_lost(tmp_path: Path) -> None:
    sample().save(tmp_path)
    first, second = HammingIndex.open(tmp_path), HammingIndex.open(tmp_path)
    first.add(random_hashes(1, 5), np.array([5000]))
    second.add(random_hashes(1, 6), np.array([6000]))
    first.save(tmp_path)
    with pytest.raises(IndexFileError, match="another process has saved"):
        second.save(tmp_path)
    with pytest.raises(InputError, match="unsaved changes"):
        second.refresh()
    assert 5000 in HammingIndex.open(tmp_path)
    with pytest.raises(IndexFileError, match="another process has saved"):
        HammingIndex(256).save(tmp_path)
    assert first.refresh() is False
    second.save(tmp_path, replace=True)
    assert 6000 in HammingIndex.open(tmp_path)
    with pytest.raises(InputError, match="opened or saved"):
        HammingIndex(256).refresh()


def test_files_that_vanished_are_written_again(tmp_path: Path) -> None:
    """A segment's file is used again only where it stands and is the same."""
    folder = tmp_path / "index"
    index = sample()
    index.save(folder)
    shutil.rmtree(folder)
    with pytest.raises(IndexFileError, match="expected the folder of an index, got none"):
        index.refresh()
    index.save(folder)
    assert answers(HammingIndex.open(folder)) == answers(index)
    shutil.copy(folder / "segment-1-1.hmx", folder / "segment-1-0.hmx")
    index.remove(np.array([0]))
    index.save(folder)
    assert answers(HammingIndex.open(folder)) == answers(index)
    other = sample(300)
    other.save(folder, replace=True)
    other.save(folder)  # the first one's files are gone now
    index.save(folder, replace=True)
    assert answers(HammingIndex.open(folder)) == answers(index)
    (folder / "MANIFEST.hmx").write_bytes(b"not a manifest")
    with pytest.raises(IndexCorruptError):
        index.save(folder)
    index.save(folder, replace=True)
    assert answers(HammingIndex.open(folder)) == answers(index)


def ask(folder: Path) -> list[Any]:
    return answers(HammingIndex.open(folder))


def test_no_answer_from_a_flipped_or_cut_file(tmp_path: Path) -> None:
    index = sample(200)
    index.save(tmp_path)
    rng = np.random.default_rng(1)
    for name in files(tmp_path):
        path = tmp_path / name
        data = path.read_bytes()
        places = {*range(72), *range(len(data) - 500, len(data)), *rng.integers(0, len(data), 250)}
        for place in places:
            broken = bytearray(data)
            broken[place] ^= 1 << int(rng.integers(0, 8))
            path.write_bytes(broken)
            with pytest.raises(IndexFileError):
                ask(tmp_path)
        for length in rng.integers(0, len(data), 20):
            path.write_bytes(data[:length])
            with pytest.raises(IndexFileError):
                ask(tmp_path)
        path.unlink()
        with pytest.raises(IndexFileError):
            ask(tmp_path)
        path.write_bytes(data)
    assert ask(tmp_path) == answers(index)


def test_a_bad_file_is_found_before_it_is_merged_or_saved(tmp_path: Path) -> None:
    sample(200).save(tmp_path / "bad")
    path = tmp_path / "bad" / "segment-1-0.hmx"
    data = bytearray(path.read_bytes())
    data[4096 + 9] ^= 1
    path.write_bytes(data)
    changes: list[Callable[[HammingIndex], object]] = [
        lambda index: index.compact(),
        lambda index: index.add(random_hashes(1, 0)),
        lambda index: index.remove(np.array([0])),
        lambda index: index.save(tmp_path / "copy"),
        lambda index: index.snapshot(),
        lambda index: index.pair_blocks(3),
        lambda index: index.verify(),
    ]
    for change in changes:
        with pytest.raises(IndexCorruptError, match="another checksum"):
            change(HammingIndex.open(tmp_path / "bad"))
    with pytest.raises(IndexCorruptError, match="another checksum"):
        HammingIndex.open(tmp_path / "bad", verify=True)


def rewrite(path: Path, kind: str, meta: dict[str, Any], sections: dict[str, Any]) -> str:
    """The file with other content and right checksums; returns its checksum."""
    with open_sections(path, kind=kind) as file:
        known = {"blocks", "ids", "directory", "entries", "removed.0", "removed.1"}
        arrays = {name: np.array(file[name]) for name in sorted(known) if name in file}
        facts = {**file.meta, **meta}
    arrays.update(sections)
    with SectionWriter(path, kind=kind, meta=facts) as writer:
        for name, array in arrays.items():
            if array is not None:
                writer.write(name, array)
    with open_sections(path, kind=kind) as file:
        return file.checksum


@pytest.mark.parametrize(
    "meta",
    [
        {"file.0": "../segment-1-0.hmx"},
        {"file.0": "/etc/passwd"},
        {"file.0": "segment-9-9.hmx"},
        {"file.0": 7},
        {"checksum.0": "0" * 16},
        {"segments": -1},
        {"segments": 10**9},
        {"segments": "2"},
        {"bits": 264},
        {"bits": 7},
        {"bits": -256},
        {"next_id": 2**63},
        {"next_id": -1},
        {"generation": 0},
    ],
)
def test_forged_manifests(meta: dict[str, Any], tmp_path: Path) -> None:
    sample(200).save(tmp_path)
    rewrite(tmp_path / "MANIFEST.hmx", MANIFEST, meta, {})
    with pytest.raises(IndexFileError):
        ask(tmp_path)


def test_forged_manifests_without_segments(tmp_path: Path) -> None:
    HammingIndex(256).save(tmp_path)
    for meta in ({"bits": 9}, {"bits": 10**9}, {"next_id": 2**70}):
        rewrite(tmp_path / "MANIFEST.hmx", MANIFEST, {"bits": 256, "next_id": 0, **meta}, {})
        with pytest.raises(IndexCorruptError):
            HammingIndex.open(tmp_path)


@pytest.mark.parametrize(
    "removed",
    [
        np.zeros(2, np.uint64),
        np.zeros(10**5, np.uint64),
        np.zeros(3, np.uint32),
        np.zeros((3, 1), np.uint64),
    ],
)
def test_forged_removals(removed: Any, tmp_path: Path) -> None:
    sample(200).save(tmp_path)  # the first segment has 150 hashes
    rewrite(tmp_path / "MANIFEST.hmx", MANIFEST, {}, {"removed.0": removed})
    with pytest.raises(IndexCorruptError):
        ask(tmp_path)


def test_two_segments_with_one_id(tmp_path: Path) -> None:
    index = HammingIndex(256)
    index.add(random_hashes(300, 1))
    index.add(random_hashes(3, 2))
    index.save(tmp_path)
    path = tmp_path / "segment-1-1.hmx"
    checksum = rewrite(path, SEGMENT, {}, {"ids": np.array([7, 400, 401])})
    rewrite(tmp_path / "MANIFEST.hmx", MANIFEST, {"checksum.1": checksum}, {})
    with pytest.raises(IndexCorruptError, match="id 7 stands in two segments"):
        HammingIndex.open(tmp_path)


def test_a_segment_of_another_index(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        index = HammingIndex(256)
        index.add(random_hashes(50, seed))
        index.save(tmp_path / name)
    shutil.copy(tmp_path / "b" / "segment-1-0.hmx", tmp_path / "a" / "segment-1-0.hmx")
    with pytest.raises(IndexCorruptError, match="expected checksum"):
        HammingIndex.open(tmp_path / "a")


def forge(large: Path, folder: Path, meta: dict[str, Any], sections: dict[str, Any]) -> Path:
    shutil.copytree(large, folder)
    checksum = rewrite(folder / "segment-1-0.hmx", SEGMENT, meta, sections)
    rewrite(folder / "MANIFEST.hmx", MANIFEST, {"checksum.0": checksum}, {})
    return folder


def test_forged_segments_are_found_before_the_first_answer(large: Path, tmp_path: Path) -> None:
    """Right checksums, wrong content: what could lead the search out of memory or astray."""
    with open_sections(large / "segment-1-0.hmx", kind=SEGMENT) as file:
        ids, blocks = np.array(file["ids"]), np.array(file["blocks"])
        directory, entries = np.array(file["directory"]), np.array(file["entries"])

    def changed(array: Any, place: Any, value: Any) -> Any:
        copy = array.copy()
        copy[place] = value
        return copy

    empty = np.empty(0, np.uint32)
    forged: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {"ids": changed(ids, 1, ids[0])}),
        ({}, {"ids": changed(ids, 10, 10**12)}),
        ({}, {"ids": ids[:-1]}),
        ({}, {"ids": ids.astype(np.uint64)}),
        ({}, {"ids": None}),
        ({}, {"blocks": blocks[:-1]}),
        ({}, {"blocks": blocks.astype(np.int64)}),
        ({}, {"directory": changed(directory, 0, 1)}),
        ({}, {"directory": changed(directory, 5, 2**32 - 1)}),
        ({}, {"directory": changed(directory, 2000, 0)}),
        ({}, {"directory": directory[:-1]}),
        ({}, {"directory": changed(directory, -1, WITH_TABLES + 1)}),
        ({}, {"entries": changed(entries, 3, 2**32 - 1)}),
        ({}, {"entries": changed(entries, -1, 2**16 - 1)}),
        ({}, {"entries": entries[:-1]}),
        ({}, {"entries": entries.astype(np.uint64)}),
        ({"chunks": 15}, {}),
        ({"chunks": -1}, {}),
        ({"chunks": 2**40}, {}),
        ({"key_bits": 9}, {}),
        ({"key_bits": -3}, {}),
        ({"key_bits": "11"}, {}),
        ({"bits": 64}, {}),
        ({"chunks": 40}, {"directory": empty, "entries": empty}),
    ]
    query = random_hashes(1, 3)
    for number, (meta, sections) in enumerate(forged):
        folder = forge(large, tmp_path / str(number), meta, sections)
        with pytest.raises(IndexCorruptError):
            HammingIndex.open(folder).range_search(query, 31)


def test_places_after_the_last_hash_are_zero(tmp_path: Path) -> None:
    index = HammingIndex(72)
    index.add(random_hashes(5, 1, 72))
    index.save(tmp_path / "good")
    with open_sections(tmp_path / "good" / "segment-1-0.hmx", kind=SEGMENT) as file:
        blocks = np.array(file["blocks"])
    for place in (7, 15):  # an unused place; bits beyond the 72 of a hash
        dirty = blocks.copy()
        dirty[place if place == 7 else 8] |= np.uint64(1) << np.uint64(63)
        folder = tmp_path / str(place)
        shutil.copytree(tmp_path / "good", folder)
        checksum = rewrite(folder / "segment-1-0.hmx", SEGMENT, {}, {"blocks": dirty})
        rewrite(folder / "MANIFEST.hmx", MANIFEST, {"checksum.0": checksum}, {})
        with pytest.raises(IndexCorruptError):
            HammingIndex.open(folder).knn(random_hashes(1, 2, 72), 1)


def test_verify_finds_tables_that_miss_a_hash(tmp_path: Path) -> None:
    """Sound in form, wrong in content: every chunk's table names another hash in place of one."""
    hashes = random_hashes(300, 4)
    ids = np.arange(300, dtype=np.int64)
    segment = _native.HammingSegment.from_hashes(256, hashes, ids, 16, 8)
    entries = segment.entries.copy()
    mask = np.uint32(2**9 - 1)
    entries[(entries & mask) == 123] = (entries[(entries & mask) == 123] & ~mask) | np.uint32(124)
    forged = _native.HammingSegment.from_arrays(
        256, segment.blocks, segment.ids, 16, 8, segment.directory, entries
    )
    assert forged.sound()
    index = HammingIndex(256)
    index._state[0].replace([(forged, None)], 300)
    with pytest.raises(IndexCorruptError, match="tables and scan give different answers"):
        index.verify(samples=300)
    index._state[0].replace([(segment, None)], 300)
    index.verify(samples=300)


def test_what_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError, match="expected the folder of an index, got none"):
        HammingIndex.open(tmp_path / "missing")
    with pytest.raises(IndexFileError):
        HammingIndex.open(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexFileError):
        HammingIndex.open(tmp_path / "file")
    with pytest.raises(IndexFileError):
        HammingIndex(256).save(tmp_path / "file")
    with pytest.raises(HashmatchError, match="samples"):
        HammingIndex(256).verify(samples=-1)


GOLDEN = Path(__file__).parents[1] / "golden" / "index" / "hamming_v1"


def golden_index() -> HammingIndex:
    index = HammingIndex(256)
    index.add(random_hashes(300, 20261125), np.arange(300, dtype=np.int64) * 5 - 700)
    index.add(random_hashes(9, 7), np.arange(9, dtype=np.int64) * 5 + 2)
    index.remove(np.array([-700, 12]))
    return index


def test_the_golden_index_of_version_1_is_read_and_written(tmp_path: Path) -> None:
    index = golden_index()
    opened = HammingIndex.open(GOLDEN)
    opened.verify(samples=1000)
    assert answers(opened) == answers(index)
    assert len(opened) == 307
    index.save(tmp_path / "again")
    assert files(tmp_path / "again") == files(GOLDEN)
    for name in files(GOLDEN):
        assert (tmp_path / "again" / name).read_bytes() == (GOLDEN / name).read_bytes()
