"""Many pictures on all processors: the serial answers, in order, within bounds."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from pictures import Pixels, encoded, photograph
from PIL import Image

from hashmatch.decode import Limits
from hashmatch.errors import (
    CorruptMediaError,
    HashmatchError,
    InputError,
    InputTypeError,
    MediaAccessError,
)
from hashmatch.fingerprinting import (
    FingerprintStatus,
    ImageFingerprint,
    examine_image,
    examine_images,
    hash_image,
    hash_images,
)
from hashmatch.fingerprinting.batch import PixelGate
from hashmatch.fingerprinting.ordered import AHEAD, in_order

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")


def mixed(n: int, seed: int = 9) -> list[bytes]:
    """Pictures of many formats, sizes and modes; some cut, some no pictures."""
    rng = random.Random(seed)
    base = [photograph(seed + k, 60 + 17 * k, 90 - 5 * k) for k in range(6)]
    made = []
    for at in range(n):
        picture = Image.fromarray(base[rng.randrange(6)])
        format = FORMATS[at % len(FORMATS)]
        if rng.random() < 0.2 and format in ("PNG", "TIFF"):
            picture = picture.convert(
                rng.choice(["L", "1", "RGBA", "CMYK" if format == "TIFF" else "LA"])
            )
        data = encoded(picture, format)
        made.append(data if rng.random() > 0.1 else data[: rng.randrange(len(data))])
    return made


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    return mixed(500)


@pytest.fixture(scope="module")
def serial(pictures: list[bytes]) -> list[ImageFingerprint]:
    return [examine_image(data) for data in pictures]


def test_eight_threads_give_the_serial_answers(
    pictures: list[bytes], serial: list[ImageFingerprint]
) -> None:
    """H13."""
    assert len({made.status for made in serial}) > 3
    assert list(examine_images(pictures, workers=8)) == serial


def test_workers_give_the_serial_answers(
    pictures: list[bytes], serial: list[ImageFingerprint]
) -> None:
    assert list(examine_images(pictures, workers=2, isolate=True)) == serial


def test_eight_callers_at_once(pictures: list[bytes], serial: list[ImageFingerprint]) -> None:
    """The other way to use threads: each its own calls."""
    answers: list[list[ImageFingerprint]] = [[] for _ in range(8)]

    def work(number: int) -> None:
        answers[number] = [examine_image(data) for data in pictures[number::8]]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers[n] == serial[n::8] for n in range(8))


def test_one_answer_for_each_source(tmp_path: Path) -> None:
    good = encoded(photograph(1), "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(good)
    sources: list[object] = [
        path,
        b"",
        good[:50],
        tmp_path / "missing",
        photograph(1),
        3.5,
        io.BytesIO(good),
        Image.fromarray(photograph(1)),
        "a\0b",
        np.zeros((3, 3, 3), dtype=np.uint8),
    ]
    answers = list(hash_images(sources, workers=3))  # type: ignore[arg-type]
    kinds = [made.status if isinstance(made, ImageFingerprint) else type(made) for made in answers]
    assert kinds[0] is kinds[4] is kinds[6] is kinds[7] is FingerprintStatus.OK
    assert kinds[2] is CorruptMediaError
    assert kinds[3] is MediaAccessError
    assert kinds[5] is InputTypeError
    assert kinds[8] is InputError
    assert kinds[9] is FingerprintStatus.TOO_SMALL
    assert all(isinstance(made, (ImageFingerprint, HashmatchError)) for made in answers)
    expected = hash_image(good).hashes
    assert all(
        made.hashes == expected
        for made in answers
        if isinstance(made, ImageFingerprint) and made.status is FingerprintStatus.OK
    )


def test_examined_sources_that_are_none_are_errors() -> None:
    good = encoded(photograph(1), "PNG")
    made = examine_images([good, 3.5, good], workers=2)  # type: ignore[list-item]
    assert next(made).status is FingerprintStatus.OK
    with pytest.raises(InputTypeError):
        next(made)


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_arguments_are_checked_at_once(workers: object) -> None:
    with pytest.raises(InputError, match="workers"):
        hash_images([], workers=workers)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        hash_images([], algorithms=("no such",))


def test_nothing_gives_nothing() -> None:
    assert list(hash_images([])) == []
    assert list(hash_images(iter(()), isolate=True)) == []


def test_sources_are_taken_as_they_are_needed() -> None:
    taken = []

    def endless() -> Iterator[Pixels]:
        while True:
            taken.append(1)
            yield photograph(2, 32, 32)

    made = hash_images(endless(), workers=2)
    for _ in range(5):
        next(made)
    assert len(taken) <= 5 + 2 * AHEAD
    made.close()  # type: ignore[attr-defined]


def test_an_error_of_the_source_passes_through() -> None:
    def failing() -> Iterator[Pixels]:
        yield photograph(2, 32, 32)
        raise RuntimeError("the folder is gone")

    made = hash_images(failing(), workers=1)
    with pytest.raises(RuntimeError, match="the folder is gone"):
        list(made)


def test_order_is_kept_when_later_ones_are_done_first() -> None:
    started = threading.Event()

    def slow_first(number: int) -> int:
        if number == 0:
            assert started.wait(30)
        else:
            started.set()
        return number

    assert list(in_order(slow_first, range(20), 2)) == list(range(20))


def test_pixels_in_flight_are_bounded() -> None:
    gate = PixelGate(100)
    held = []
    most = []
    lock = threading.Lock()

    def work(pixels: int) -> None:
        with gate.place() as place:
            place.take(pixels)
            with lock:
                held.append(pixels)
                most.append(sum(held))
            time.sleep(0.001)
            with lock:
                held.remove(pixels)

    rng = random.Random(4)
    threads = [threading.Thread(target=work, args=(rng.randrange(1, 100),)) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= 100
    assert len(most) == 60


def test_a_picture_larger_than_the_bound_goes_alone() -> None:
    """It neither waits for ever nor leaves less room behind."""
    gate = PixelGate(10)
    passed = []
    for pixels in (50, 10, 50):
        with gate.place() as place:
            place.take(pixels)
            passed.append(pixels)
    assert passed == [50, 10, 50]


def test_large_pictures_wait_for_each_other() -> None:
    """Eight threads, pictures of which two fit: the answers are the serial ones, no deadlock."""
    picture = encoded(photograph(3, 200, 200), "PNG")
    limits = Limits(max_pixels=90_000)
    answers = list(examine_images([picture] * 40, workers=8, limits=limits))
    assert {made.status for made in answers} == {FingerprintStatus.OK}


def test_memory_stays_flat(pictures: list[bytes]) -> None:
    """2,000 pictures; ``benchmarks/soak_mutated_files.py`` does it with 20,000."""
    process = psutil.Process()
    for _ in examine_images(pictures, workers=4):
        pass
    before = process.memory_info().rss
    for _ in range(4):
        for _ in examine_images(pictures, workers=4):
            pass
    assert process.memory_info().rss - before < 40 << 20


INTERRUPTED = """
import sys, time, threading, os, signal
sys.path.insert(0, {tests!r})
import hashmatch as hm
from pictures import photograph, encoded
data = encoded(photograph(1, 900, 900), "PNG")
def endless():
    while True:
        yield data
made = hm.hash_images(endless(), workers=4, isolate={isolate})
next(made)
try:
    print("running", flush=True)
    for _ in made:
        pass
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("isolate", [False, True])
def test_an_interrupt_ends_it(isolate: bool, tmp_path: Path) -> None:
    """C09: at once, without a second Ctrl-C, and no process is left behind."""
    tests = str(Path(__file__).resolve().parent.parent)
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED.format(tests=tests, isolate=isolate), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        children = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        started = time.monotonic()
        assert process.stdout.readline() == "interrupted\n"
        process.wait(30)
        took = time.monotonic() - started
    assert process.returncode == 0
    # Far above what it takes (a fifth of a second), far below a picture's time limit.
    assert took < 10
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


LEFT_OPEN = """
import sys
sys.path.insert(0, {tests!r})
import hashmatch as hm
from pictures import photograph, encoded
data = encoded(photograph(1, 800, 800), "PNG")
made = hm.hash_images([data] * 200, workers=4, isolate={isolate})
next(made)
print("end")
"""


@pytest.mark.parametrize("isolate", [False, True])
def test_a_program_may_end_in_the_middle(isolate: bool, tmp_path: Path) -> None:
    """Without closing the iterator: no thread is met in native code by the interpreter's end."""
    tests = str(Path(__file__).resolve().parent.parent)
    script = tmp_path / "script.py"
    script.write_text(LEFT_OPEN.format(tests=tests, isolate=isolate), encoding="utf-8")
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, script], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")
