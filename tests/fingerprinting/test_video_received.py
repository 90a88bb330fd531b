"""What a worker sends of a video: believed only after it was looked at."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest
from clips import make_clip, shots
from hypothesis import given
from hypothesis import strategies as st
from reference import hostile

from hashmatch.decode import Limits
from hashmatch.errors import MediaAccessError, WorkerCrashError
from hashmatch.fingerprinting import FingerprintStatus, examine_video, hash_video, video
from hashmatch.fingerprinting.handed import Handed
from hashmatch.fingerprinting.video_received import from_plain, to_plain
from hashmatch.fingerprinting.video_threads import decoder_threads
from hashmatch.fingerprinting.worker import usable_processors
from hashmatch.hashing import digest_blocks
from hashmatch.types import Digests

CLIP = make_clip(shots([1, 2], 6))
MADE = hash_video(CLIP, interval_s=0, algorithms=("pdq", "tmk"), dihedral=True, views="trims")
PLAIN = to_plain(MADE)
LENGTHS = ("times_ms", "numbers", "spans_ms", "hashes", "qualities", "dihedral")


def test_the_way_there_and_back() -> None:
    fields = from_plain(PLAIN)
    back = dataclasses.replace(MADE, **fields)
    assert to_plain(back) == PLAIN
    assert back.frame_views == MADE.frame_views
    assert not fields.keys() & {"name", "size", "digests", "mime", "kind"}


ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=40),
    st.lists(st.integers(), max_size=3),
    st.tuples(st.integers(-5, 5), st.integers(-5, 5), st.integers(-5, 5), st.integers(-5, 5)),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


@given(st.sampled_from(sorted(PLAIN)), ANYTHING)
def test_no_value_does_anything_else(name: str, value: Any) -> None:
    """Refused, or of a type that the field may have."""
    try:
        fields = from_plain({**PLAIN, name: value})
    except WorkerCrashError:
        return
    back = dataclasses.replace(MADE, **fields)
    assert type(back.status) is FingerprintStatus
    back.to_dict()


@given(ANYTHING)
def test_no_fingerprint_at_all(value: Any) -> None:
    with pytest.raises(WorkerCrashError):
        from_plain(value)


@pytest.mark.parametrize("name", LENGTHS)
@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b[:0]])
def test_columns_of_another_length(name: str, change: Any) -> None:
    with pytest.raises(WorkerCrashError):
        from_plain({**PLAIN, name: change(PLAIN[name])})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("times_ms", PLAIN["times_ms"][8:] + PLAIN["times_ms"][:8]),
        ("numbers", PLAIN["numbers"][:8] * (len(PLAIN["numbers"]) // 8)),
        ("spans_ms", b"\xff" * len(PLAIN["spans_ms"])),
        ("spans_ms", b"\xff" * 7 + b"\x7f" + PLAIN["spans_ms"][8:]),
        ("qualities", b"\x65" * len(PLAIN["qualities"])),
        ("dihedral", PLAIN["dihedral"][::-1]),
        ("status", "UNSUPPORTED"),
        ("status", "VANISHED"),
        ("orientation", "upside down"),
        ("trim", (5, 5, 5, 6)),
        ("tmk", PLAIN["tmk"][:-4] + b"\0\0\xc0\x7f"),
        ("views", ((len(MADE.frames), ()),)),
        ("views", ((0, ("no view",)),)),
        ("reason", "x" * 10_000),
        ("made_with", {"x" * 200: "1"}),
    ],
)
def test_values_that_no_video_has(name: str, value: Any) -> None:
    with pytest.raises(WorkerCrashError):
        from_plain({**PLAIN, name: value})


def test_a_worker_that_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "worker_step", hostile.dies)
    made = examine_video(CLIP, isolate=True)
    assert made.status is FingerprintStatus.CRASHED
    assert made.digests == MADE.digests


def test_a_worker_that_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "worker_step", hostile.answers_nonsense)
    made = examine_video(CLIP, isolate=True)
    assert made.status is FingerprintStatus.CRASHED
    assert "no fingerprint" in str(made.reason)


def test_a_worker_that_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "worker_step", hostile.sleeps_through)
    monkeypatch.setattr(video, "GRACE_SECONDS", 0.1)
    made = examine_video(CLIP, isolate=True, limits=Limits(max_video_seconds=0.2))
    assert made.status is FingerprintStatus.TIMEOUT
    assert made.digests == MADE.digests


def test_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "clip"
    path.write_bytes(CLIP)
    with path.open("rb") as stream:
        handed = Handed.of(stream.fileno(), str(path))
        # Without /proc, the path will do.
        by_path = dataclasses.replace(handed, paths=("/no/such/proc", str(path)))
        with by_path.opened() as again:
            assert again.read() == CLIP
        path.unlink()  # the descriptor leads to it all the same
        path.write_bytes(b"another one")
        if Path(f"/proc/{os.getpid()}/fd").is_dir():
            with handed.opened() as again:
                assert again.read() == CLIP
        elsewhere = dataclasses.replace(handed, paths=("/no/such/proc", str(path)))
        with pytest.raises(MediaAccessError, match="changed"), elsewhere.opened():
            pass
    missing = dataclasses.replace(handed, paths=("/no/such/proc",))
    with pytest.raises(MediaAccessError, match="worker"), missing.opened():
        pass


def test_a_file_that_grows_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "clip"
    path.write_bytes(CLIP)
    with path.open("rb") as stream:
        handed = Handed.of(stream.fileno(), str(path))
        with path.open("ab") as writer:
            writer.write(b"more")
        with pytest.raises(MediaAccessError, match="changed"), handed.opened():
            pass


def test_decoders_share_the_processors() -> None:
    n = usable_processors()
    with decoder_threads() as alone:
        assert alone == min(16, n)
        with decoder_threads() as second:
            assert second == max(1, min(16, n // 2))
    with decoder_threads() as again:
        assert again == alone


@pytest.mark.parametrize("isolate", [False, True])
def test_a_file_that_is_written_to_while_its_digests_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, isolate: bool
) -> None:
    path = tmp_path / "clip"
    path.write_bytes(CLIP)

    def meanwhile(blocks: Any) -> Digests:
        found = digest_blocks(blocks)
        with path.open("ab") as writer:
            writer.write(b"more")
        return found

    monkeypatch.setattr("hashmatch.fingerprinting.reading.digest_blocks", meanwhile)
    made = examine_video(path, isolate=isolate)
    assert made.status is FingerprintStatus.UNREADABLE
    assert "changed" in str(made.reason)
