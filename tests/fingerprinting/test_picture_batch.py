"""Pictures by the batch: the same fingerprints, and none that is in doubt."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import hostile_batches
import numpy as np
import pytest
from clips import animation, shots
from hypothesis import given
from hypothesis import strategies as st
from pictures import encoded, photograph, png, with_exif_orientation

from hashmatch.decode import SNIFF_BYTES, Limits, sniff
from hashmatch.errors import InputError, WorkerCrashError
from hashmatch.fingerprinting import FingerprintStatus, ImageFingerprint, examine_image
from hashmatch.fingerprinting.image import known_of_bytes
from hashmatch.fingerprinting.job import Job
from hashmatch.fingerprinting.picture_batch import batch_fingerprints, hash_batch
from hashmatch.fingerprinting.picture_received import from_plain, to_plain
from hashmatch.fingerprinting.worker import WorkerPool
from hashmatch.types import HashValue

PHOTO = photograph(3, 120, 160)
JPEG = encoded(PHOTO, "JPEG", exif=with_exif_orientation(6))
BLANK = np.full((80, 80, 3), 200, np.uint8)
PICTURES = {
    "jpeg": JPEG,
    "png": png(PHOTO),
    "grey": png(PHOTO[:, :, 0]),
    "gif": encoded(PHOTO, "GIF"),
    "cut": JPEG[: len(JPEG) * 2 // 3],
    "blank": png(BLANK),
    "small": png(BLANK[:4, :4]),
    "broken": png(PHOTO)[:60],
    "no decoder": b"8BPS" + bytes(60),
}
LEFT = {"animation": animation(shots([3, 4], 3)), "poisoned": png(PHOTO) + b"poison"}
JOBS = {
    "plain": Job(),
    "turned": Job(dihedral=True),
    "all": Job(algorithms=("pdq", "phash"), dihedral=True, views="all"),
    "fast": Job(decode="fast", dihedral=True),
}


def known(data: bytes) -> ImageFingerprint:
    media = sniff(data[:SNIFF_BYTES])
    return known_of_bytes(data, media, hashlib.sha256(data).digest())


def alone(data: bytes, job: Job) -> ImageFingerprint:
    return examine_image(
        data,
        algorithms=job.algorithms,
        decode=job.decode,
        dihedral=job.dihedral,
        views=job.views,
        limits=job.limits,
    )


def fields(made: ImageFingerprint | None) -> dict[str, Any]:
    """Also those that are not compared."""
    assert made is not None
    plain = {one.name: getattr(made, one.name) for one in dataclasses.fields(made)}
    plain["views"] = [
        (view.kind, view.box, view.compact.tobytes(), view.hashes, view.uncaptioned)
        for view in made.views
    ]
    return plain


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as made:
        yield made


@pytest.mark.parametrize("name", JOBS)
def test_the_same_as_one_by_one(pool: WorkerPool, name: str) -> None:
    job = JOBS[name]
    files = [(data, known(data)) for data in PICTURES.values()]
    made = batch_fingerprints(files, job, pool)
    for (data, _), one in zip(files, made, strict=True):
        assert fields(one) == fields(alone(data, job))


def test_what_is_left() -> None:
    tight = Job(limits=Limits(max_pixels=5000))
    moving, *_ = hash_batch([LEFT["animation"]], Job())
    assert moving is None
    answers = hash_batch([PICTURES["png"], PICTURES["small"]], tight)
    assert [one is None for one in answers] == [True, False]
    assert hash_batch([JPEG], Job(limits=Limits(max_bytes=100))) == [None]
    assert hash_batch([JPEG], Job(limits=Limits(max_seconds=1e-9))) == [None]
    assert hash_batch([JPEG, JPEG], Job(), seconds=0.0) == [None, None]
    with pytest.raises(InputError, match="expected 1 in a batch"):
        hash_batch([JPEG], Job(frames=2))


@pytest.mark.parametrize(
    "hostile",
    [
        hostile_batches.dies_of_poison,
        hostile_batches.hangs_of_poison,
        hostile_batches.answers_too_few,
        hostile_batches.lies,
    ],
)
def test_nothing_of_a_batch_in_doubt_is_kept(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch, hostile: Callable[..., object]
) -> None:
    module = "hashmatch.fingerprinting.picture_batch"
    monkeypatch.setattr(f"{module}.hash_batch", hostile)
    monkeypatch.setattr(f"{module}.BATCH_SECONDS", 0.2)
    job = Job(limits=Limits(max_seconds=0.2))
    files = [(data, known(data)) for data in (*PICTURES.values(), LEFT["poisoned"])]
    assert batch_fingerprints(files, job, pool) == [None] * len(files)
    monkeypatch.undo()
    made = batch_fingerprints(files[:1], Job(), pool)  # the pool goes on
    assert fields(made[0]) == fields(alone(JPEG, Job()))


ALL = Job(algorithms=("pdq", "phash"), dihedral=True, views="trims")
MADE = alone(JPEG, ALL)
PLAIN = to_plain(MADE)
ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=40),
    st.tuples(st.text(max_size=5), st.integers(-5, 5), st.binary(max_size=300)),
    st.lists(st.integers(), max_size=3),
)


@given(st.integers(0, len(PLAIN) - 1), ANYTHING)
def test_no_value_does_anything_else(place: int, value: Any) -> None:
    """Refused, or of a type that the field may have."""
    try:
        made = from_plain((*PLAIN[:place], value, *PLAIN[place + 1 :]), known(JPEG), ALL)
    except WorkerCrashError:
        return
    assert made.digests == MADE.digests
    for name, kind in (
        ("status", FingerprintStatus),
        ("reason", str | None),
        ("width", int),
        ("height", int),
        ("stored_mode", str),
        ("orientation", int),
        ("frames", int),
        ("fraction", float | None),
        ("decode", str),
        ("captured", str | None),
        ("camera", str | None),
    ):
        assert isinstance(getattr(made, name), kind), name
    assert all(isinstance(one, HashValue) for one in made.hashes.values())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, "TIMEOUT"),
        (0, "PERMISSION"),
        (1, "x" * 1001),
        (2, True),
        (5, 9),
        (7, 1.5),
        (9, "yesterday"),
        (10, ""),
        (10, "a\nb"),
        (11, (("pdq", 101, bytes(256)),)),
        (11, (("pdq", 50, bytes(32)),)),
        (11, (("ahash", 50, bytes(64)),)),
        (12, (1,)),
    ],
)
def test_what_is_refused(place: int, value: Any) -> None:
    with pytest.raises(WorkerCrashError, match="sent no fingerprint"):
        from_plain((*PLAIN[:place], value, *PLAIN[place + 1 :]), known(JPEG), ALL)
    with pytest.raises(WorkerCrashError, match="sent no fingerprint"):
        from_plain(PLAIN[:-1], known(JPEG), ALL)
