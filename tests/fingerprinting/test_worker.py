"""Supervised workers: whatever a decoder does to its process costs one file."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pictures import photograph, png
from PIL import Image
from reference import hostile

from hashmatch.decode import Limits
from hashmatch.errors import (
    CorruptMediaError,
    DecodeError,
    InputError,
    MediaLimitError,
    MediaTimeoutError,
    WorkerCrashError,
)
from hashmatch.fingerprinting import (
    FingerprintStatus,
    ImageFingerprint,
    examine_image,
    hash_image,
)
from hashmatch.fingerprinting.worker import WorkerPool
from hashmatch.hashing import digest_bytes

PICTURE = photograph(71)
DATA = png(PICTURE)
SOON = Limits(max_seconds=0.5)
LONG = Limits(max_seconds=60)
TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2) as made:
        yield made


def test_a_function_runs_in_another_process(pool: WorkerPool) -> None:
    assert pool.run(LONG, hostile.returns, 5) == 5
    assert pool.run(LONG, hostile.process_id) != os.getpid()


def test_a_worker_is_used_again(pool: WorkerPool) -> None:
    first = pool.run(LONG, hostile.process_id)
    assert {pool.run(LONG, hostile.process_id) for _ in range(10)} == {first}


DEATHS: dict[str, tuple[Callable[[], object], Limits, type[DecodeError], str]] = {
    "exit": (hostile.exits, LONG, WorkerCrashError, "exit code 3"),
    "abort": (hostile.aborts, LONG, WorkerCrashError, "SIGABRT"),
    "segmentation fault": (hostile.segfaults, LONG, WorkerCrashError, "SIGSEGV"),
    "null pointer": (hostile.reads_address_zero, LONG, WorkerCrashError, "SIGSEGV"),
    "exit with 0": (hostile.exits_cleanly, SOON, DecodeError, "decoding"),
    "endless loop": (hostile.spins, SOON, MediaTimeoutError, "0.5 s"),
    "endless loop in C": (hostile.spins_deaf, SOON, MediaTimeoutError, "0.5 s"),
    "sleep": (hostile.sleeps, SOON, MediaTimeoutError, "0.5 s"),
    "one large allocation": (hostile.bloats, LONG, MediaLimitError, "memory"),
    "many allocations": (
        hostile.bloats_in_steps,
        Limits(max_memory=1 << 28, max_seconds=60),
        MediaLimitError,
        "memory",
    ),
}


@pytest.mark.parametrize("name", DEATHS)
def test_a_death_costs_one_call(name: str, pool: WorkerPool) -> None:
    function, limits, error, message = DEATHS[name]
    with pytest.raises(error, match=message):
        pool.run(limits, function)
    assert pool.run(LONG, hostile.returns, 7) == 7


def test_errors_of_the_function_come_back(pool: WorkerPool) -> None:
    before = pool.run(LONG, hostile.process_id)
    with pytest.raises(ValueError, match="made to fail"):
        pool.run(LONG, hostile.raises_value_error)
    assert pool.run(LONG, hostile.process_id) == before


@pytest.mark.parametrize(
    ("function", "arguments"),
    [(os.system, ("touch {}",)), (eval, ("open({!r}, 'w')",)), (getattr, (os, "sep")), (list, ())],
)
def test_a_worker_can_not_make_its_supervisor_do_anything(
    function: Any, arguments: tuple[Any, ...], pool: WorkerPool, tmp_path: Path
) -> None:
    """Its answers are pickles, of which only fingerprints and errors are read."""
    trace = tmp_path / "trace"
    filled = [a.format(str(trace)) if isinstance(a, str) else a for a in arguments]
    if os in filled:
        filled = [1, "real"]
    with pytest.raises(WorkerCrashError):
        pool.run(LONG, hostile.sends, function, *filled)
    assert not trace.exists()
    assert pool.run(LONG, hostile.returns, 8) == 8


@pytest.mark.skipif(sys.platform != "linux", reason="what Linux alone can deny")
@pytest.mark.parametrize("what", hostile.ATTEMPTS)
def test_what_is_denied(what: str, pool: WorkerPool) -> None:
    assert pool.run(LONG, hostile.tries, what) == "PermissionError"


def test_nothing_is_inherited(pool: WorkerPool, tmp_path: Path) -> None:
    """Not even what was made inheritable before the worker was started."""
    secret = os.open(tmp_path / "secret", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(secret, True)
    ours, theirs = socket.socketpair()
    try:
        ours.set_inheritable(True)
        with WorkerPool(1) as fresh:
            found = fresh.run(LONG, hostile.descriptors)
    finally:
        os.close(secret)
        ours.close()
        theirs.close()
    assert {what.split(":")[0] for what in found.values()} <= {"/dev/null", "pipe"}
    assert {found[n] for n in (0, 1, 2)} == {"/dev/null"}
    assert pool.run(LONG, hostile.core_limit) == (0, 0)


def test_calls_from_many_threads(pool: WorkerPool) -> None:
    found: list[int] = []

    def work(first: int) -> None:
        found.extend(pool.run(LONG, hostile.returns, first + n) for n in range(20))

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(100 * t + n for t in range(8) for n in range(20))


def test_closing_ends_what_runs() -> None:
    pool = WorkerPool(1)
    errors: list[Exception] = []

    def work() -> None:
        try:
            pool.run(LONG, hostile.sleeps)
        except WorkerCrashError as error:
            errors.append(error)

    pool.run(LONG, hostile.returns, 1)
    thread = threading.Thread(target=work)
    thread.start()
    while pool._busy.get(next(iter(pool._busy), None)) is None:  # type: ignore[arg-type]
        time.sleep(0.01)
    pool.discard()
    thread.join(20)
    assert len(errors) == 1
    with pytest.raises(WorkerCrashError, match="closed"):
        pool.run(LONG, hostile.returns, 1)


def test_isolated_and_not_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(DATA)
    for source in (path, DATA):
        assert hash_image(source, isolate=True) == hash_image(source)
    with path.open("rb") as stream:
        assert hash_image(stream, isolate=True, dihedral=True) == hash_image(path, dihedral=True)
    assert hash_image(PICTURE, isolate=True) == hash_image(PICTURE)


def test_errors_are_the_same_in_a_worker() -> None:
    broken = DATA[: len(DATA) // 8]
    with pytest.raises(CorruptMediaError):
        hash_image(broken, isolate=True)
    assert examine_image(broken, isolate=True) == examine_image(broken)
    small = Limits(max_pixels=100)
    with pytest.raises(MediaLimitError, match="320 x 240"):
        hash_image(DATA, limits=small, isolate=True)


def test_an_open_picture_can_not_be_isolated() -> None:
    with pytest.raises(InputError, match="isolate"):
        hash_image(Image.fromarray(PICTURE), isolate=True)


@pytest.mark.parametrize(
    ("function", "status"),
    [
        (hostile.segfaults, FingerprintStatus.CRASHED),
        (hostile.spins_deaf, FingerprintStatus.TIMEOUT),
        (hostile.bloats, FingerprintStatus.LIMIT),
    ],
)
def test_a_file_whose_decoder_dies_has_its_digests(
    function: Callable[[], object], status: FingerprintStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A known file must be recognised by its digests whatever it does to a decoder."""
    real = WorkerPool.run

    def run(self: WorkerPool, limits: Limits, _: object, *rest: object) -> object:
        return real(self, limits, function)

    monkeypatch.setattr(WorkerPool, "run", run)
    made = examine_image(DATA, isolate=True, limits=Limits(max_seconds=1))
    assert isinstance(made, ImageFingerprint)
    assert (made.status, made.hashes) == (status, {})
    assert made.digests == digest_bytes(DATA)
    assert made.reason


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
import hashmatch as hm
from pictures import photograph, png
print("started")
data = png(photograph(71))
found = [made.hashes["pdq"].hex for made in hm.hash_images([data] * 4, workers=2, isolate=True)]
found.append(hm.hash_image(data, isolate=True).hashes["pdq"].hex)
print(*found)
"""


def run_script(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "script.py"
    path.write_text(text.format(tests=str(TESTS)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_no_main_guard_is_needed(tmp_path: Path) -> None:
    lines = run_script(SCRIPT, tmp_path)
    assert lines[0] == "started"
    assert lines[1:] == [" ".join([hash_image(DATA).hashes["pdq"].hex] * 5)]


FORK = """
import os
child = os.fork()
again = hm.hash_image(data, isolate=True).hashes["pdq"].hex
assert again == found[0], again
if child:
    assert os.waitpid(child, 0)[1] == 0
    assert hm.hash_image(data, isolate=True).hashes["pdq"].hex == found[0]
    print("both")
else:
    sys.exit(0)  # with all that runs at exit: it must not end the parent's workers
"""


def test_a_fork_after_use(tmp_path: Path) -> None:
    if sys.version_info >= (3, 12):
        pytest.skip("Python warns of forks beside threads from here on")
    assert run_script(SCRIPT + FORK, tmp_path)[-1] == "both"


def test_threads_after_a_fork(tmp_path: Path) -> None:
    """Without workers: the core's and the decoder's state survive a fork too."""
    if sys.version_info >= (3, 12):
        pytest.skip("Python warns of forks beside threads from here on")
    text = SCRIPT + FORK.replace(
        'hm.hash_image(data, isolate=True).hashes["pdq"].hex\nassert again',
        'next(hm.hash_images([data], workers=2)).hashes["pdq"].hex\nassert again',
    )
    assert run_script(text, tmp_path)[-1] == "both"
