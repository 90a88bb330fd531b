"""Files of digest sets: built by parts in little memory, whole or not there at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.digests import Bytes, Payload, ReferenceSet, crowded, neighbours

from hashmatch.errors import (
    IndexFileError,
    InputError,
    InputTypeError,
)
from hashmatch.index import DigestSet, DigestSetBuilder, digest_builder, digest_runs
from hashmatch.index.digest_records import radix_bits
from hashmatch.index.section_writer import SectionWriter

LEAST = digest_builder.LEAST_MEMORY_BYTES


def digests_and_payloads(n: int, width: int, seed: int = 5) -> tuple[Bytes, Payload]:
    rng = np.random.default_rng(seed)
    digests = rng.integers(0, 256, (n, width), dtype=np.uint8)
    digests[n // 2 : n // 2 + n // 10] = digests[: n // 10]  # known under two payloads
    payload = rng.integers(-(2**63), 2**63 - 1, n, dtype=np.int64)
    return digests, payload


def build(path: Path, digests: Bytes, payload: Payload | None = None, **options: Any) -> Path:
    step = options.pop("step", 1000)
    width = digests.shape[1]
    with DigestSetBuilder(
        path, width=width, with_payload=payload is not None, **options
    ) as builder:
        for first in range(0, len(digests), step):
            some = slice(first, first + step)
            builder.add(digests[some], None if payload is None else payload[some])
    return path


def assert_answers(
    path: Path, digests: Bytes, payload: Payload | None, asked: Bytes | None = None
) -> None:
    expected = ReferenceSet()
    expected.add(digests, payload)
    asked = digests[::7] if asked is None else asked
    queries = np.concatenate([asked, neighbours(asked[::7])])
    with DigestSet.open(path) as known:
        assert len(known) == len(expected)
        assert known.contains(queries).tolist() == expected.contains(queries)
        if payload is not None:
            matches = known.find(queries)
            assert [matches.of(i).tolist() for i in range(len(queries))] == expected.find(queries)
        known.verify()


@pytest.mark.parametrize("with_payload", [False, True])
@pytest.mark.parametrize("width", [16, 20, 32])
@pytest.mark.parametrize("n", [0, 1, 100, 20_000])
def test_built_in_one_run_and_in_many_is_the_same_file(
    tmp_path: Path, n: int, width: int, with_payload: bool
) -> None:
    digests, values = digests_and_payloads(n, width)
    payload = values if with_payload else None
    whole = build(tmp_path / "whole", digests, payload)
    little = build(
        tmp_path / "little",
        digests[::-1],
        None if payload is None else payload[::-1],
        memory_bytes=LEAST,
        step=777,
    )
    assert whole.read_bytes() == little.read_bytes()
    assert_answers(little, digests, payload)
    assert sorted(tmp_path.iterdir()) == [little, whole]
    assert stat.S_IMODE(little.stat().st_mode) == 0o600


def test_runs_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More runs than are merged at once: levels, whose open files stay few."""
    monkeypatch.setattr(digest_runs, "FAN_IN", 3)
    most = 0
    push = digest_runs.RunStack.push

    def counted(self: digest_runs.RunStack, records: Bytes) -> None:
        nonlocal most
        push(self, records)
        most = max(most, len(self))

    monkeypatch.setattr(digest_runs.RunStack, "push", counted)
    digests, payload = digests_and_payloads(60_000, 20)
    path = build(tmp_path / "levels", digests, payload, memory_bytes=LEAST)
    assert 60_000 * 28 / LEAST > 3**2
    assert 4 <= most <= 9
    assert_answers(path, digests, payload)
    assert path.read_bytes() == build(tmp_path / "whole", digests, payload).read_bytes()


@pytest.mark.parametrize("shared", [8, 15, 19])
def test_digests_that_share_their_beginning(tmp_path: Path, shared: int) -> None:
    digests = crowded(20_000, 20, shared, seed=6)
    payload = np.arange(20_000, dtype=np.int64)
    path = build(tmp_path / "crowded", digests, payload, memory_bytes=LEAST)
    assert_answers(path, digests, payload, asked=np.unique(digests, axis=0)[:3000])


def test_one_digest_over_and_over(tmp_path: Path) -> None:
    same = np.full((50_000, 16), 7, dtype=np.uint8)
    one = build(tmp_path / "one", same, memory_bytes=LEAST)
    with DigestSet.open(one) as known:
        assert len(known) == 1
        assert known.contains(same[:1]).tolist() == [True]
    payload = np.arange(50_000, dtype=np.int64)[::-1] % 30_000
    many = build(tmp_path / "many", same, payload, memory_bytes=LEAST)
    with DigestSet.open(many) as known:
        assert known.find(same[:1]).payloads.tolist() == list(range(30_000))


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 255), st.integers(-5, 5)), max_size=60
    ),
    rows_in_memory=st.integers(1, 7),
    fan_in=st.integers(2, 5),
)
def test_any_cut_into_runs(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, int, int]],
    rows_in_memory: int,
    fan_in: int,
) -> None:
    digests = np.zeros((len(rows), 20), dtype=np.uint8)
    for digest, (first, last, _) in zip(digests, rows, strict=True):
        digest[0], digest[19] = first, last
    payload = np.array([row[2] for row in rows], dtype=np.int64)
    path = tmp_path_factory.mktemp("runs") / "set"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest_builder, "LEAST_MEMORY_BYTES", 1)
        patch.setattr(digest_runs, "FAN_IN", fan_in)
        build(path, digests, payload, memory_bytes=28 * rows_in_memory, step=3)
    expected = ReferenceSet()
    expected.add(digests, payload)
    queries = np.concatenate([digests, neighbours(digests)])
    with DigestSet.open(path) as known:
        assert len(known) == len(expected)
        matches = known.find(queries)
        assert [matches.of(i).tolist() for i in range(len(queries))] == expected.find(queries)


def test_memory_is_bounded(tmp_path: Path) -> None:
    n, step, memory = 400_000, 10_000, 1 << 20
    rng = np.random.default_rng(7)
    tracemalloc.start()
    try:
        with DigestSetBuilder(tmp_path / "set", width=20, memory_bytes=memory) as builder:
            for _ in range(n // step):
                builder.add(rng.integers(0, 256, (step, 20), dtype=np.uint8))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    directory = 4 << radix_bits(n)
    # One `add`, counts and directory, and a half of the memory again while a round ends.
    assert peak < memory + 20 * step + 3 * directory + memory // 2 + (256 << 10)
    assert n * 20 > 5 * memory


def test_a_failing_block_leaves_nothing(tmp_path: Path) -> None:
    digests, _ = digests_and_payloads(20_000, 20)
    builder = DigestSetBuilder(tmp_path / "set", width=20, memory_bytes=LEAST)

    def failing() -> None:
        with builder:
            builder.add(digests)
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        failing()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="closed"):
        builder.add(digests)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    digests, _ = digests_and_payloads(20_000, 20)
    path = build(tmp_path / "set", digests[:10])
    before = path.read_bytes()

    def full() -> None:
        raise OSError(28, "No space left on device")

    for what in ("run", "file"):
        with pytest.MonkeyPatch.context() as patch:
            if what == "run":
                patch.setattr(tempfile, "TemporaryFile", lambda **_: full())
            else:
                patch.setattr(digest_builder, "SectionWriter", _FullWriter)
            with pytest.raises(IndexFileError, match="No space left on device"):
                build(path, digests, memory_bytes=LEAST)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


class _FullWriter(SectionWriter):
    def _write(self, data: memoryview) -> None:
        if len(data) > 4096:
            raise IndexFileError(f"{self._path}: can't be written: No space left on device")
        super()._write(data)


def test_a_killed_builder_leaves_nothing(tmp_path: Path) -> None:
    """Sorted runs have no name, so that the kernel clears them away however the process ends."""
    program = f"""
import os, signal
import numpy as np
from hashmatch.index import DigestSetBuilder
builder = DigestSetBuilder({str(tmp_path / "set")!r}, width=20, memory_bytes={LEAST})
builder.add(np.random.default_rng(1).integers(0, 256, (20_000, 20), dtype=np.uint8))
assert len(builder._runs) > 2
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, env={**os.environ}, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_wrong_arguments(tmp_path: Path) -> None:
    path = tmp_path / "set"
    for width in (0, 8, 19, 64):
        with pytest.raises(InputError, match=f"width: expected 16.*got {width}"):
            DigestSetBuilder(path, width=width)
    with pytest.raises(InputTypeError, match="width"):
        DigestSetBuilder(path, width=20.0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="memory_bytes: expected 65536 or more, got 65535"):
        DigestSetBuilder(path, width=20, memory_bytes=LEAST - 1)
    digests, payload = digests_and_payloads(10, 20)
    with DigestSetBuilder(path, width=20) as builder:
        with pytest.raises(InputError, match="payload: expected None, got an array"):
            builder.add(digests, payload)
        with pytest.raises(InputError, match=r"digests: expected uint8 \(n, 20\)"):
            builder.add(digests[:, :16])
        with pytest.raises(InputTypeError, match=r"digests: expected uint8 \(n, 20\)"):
            builder.add(digests.astype(np.uint16))
        builder.add(digests)
    with DigestSetBuilder(path, width=20, with_payload=True) as builder:
        with pytest.raises(InputError, match=r"payload: expected int64 \(n,\), got None"):
            builder.add(digests)
        with pytest.raises(InputError, match=r"payload: expected int64 \(10,\)"):
            builder.add(digests, payload[:9])
        with pytest.raises(InputTypeError, match=r"payload: expected int64 \(10,\)"):
            builder.add(digests, payload.astype(np.int32))
    assert len(DigestSet.open(path)) == 0, "nothing of what was refused"


def test_no_folder(tmp_path: Path) -> None:
    digests, _ = digests_and_payloads(20_000, 20)
    for memory in (LEAST, 1 << 24):
        with pytest.raises(IndexFileError, match="missing"):
            build(tmp_path / "missing" / "set", digests, memory_bytes=memory)


def test_too_many_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest_builder, "MAX_RECORDS", 99)
    digests, _ = digests_and_payloads(100, 20)
    with pytest.raises(IndexFileError, match="expected at most 99 records"):
        build(tmp_path / "set", np.unique(np.concatenate([digests, digests + 1]), axis=0))
    assert list(tmp_path.iterdir()) == []


def test_a_set_that_is_open_stays_as_it_was_when_the_file_is_replaced(tmp_path: Path) -> None:
    digests, _ = digests_and_payloads(100, 20)
    path = build(tmp_path / "set", digests[:40])
    with DigestSet.open(path) as before:
        build(path, digests[50:])
        assert before.contains(digests[:40]).all()
        with DigestSet.open(path) as after:
            assert after.contains(digests[50:]).all()
            assert not after.contains(digests[10:40]).any()


# The golden file: written once by the first version, read for ever.


def golden_content() -> tuple[Bytes, Payload]:
    """SHA-1-sized digests from a counter; each third one is known under two payloads."""
    texts = [xxhash.xxh3_128_digest(f"golden {i}".encode()) for i in range(300)]
    digests = np.array([list(text + text[:4]) for text in texts], dtype=np.uint8)
    payload = np.arange(300, dtype=np.int64) * 1_000_003 - 150
    return np.concatenate([digests, digests[::3]]), np.concatenate([payload, -payload[::3] - 1])


def test_the_golden_file_is_read_and_written_again(tmp_path: Path, root: Path) -> None:
    golden = root / "tests" / "golden" / "index" / "digest_set_v1.bin"
    digests, payload = golden_content()
    assert_answers(golden, digests, payload)
    assert build(tmp_path / "set", digests, payload).read_bytes() == golden.read_bytes()
