"""Views of a picture, and what of them comes from a worker, which may have been taken over."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from pictures import Pixels, photograph, png
from PIL import Image, ImageDraw

from hashmatch.decode import DEFAULT_LIMITS
from hashmatch.errors import WorkerCrashError
from hashmatch.fingerprinting import View, examine_image
from hashmatch.fingerprinting.captions import flatness_of
from hashmatch.fingerprinting.views import received_view
from hashmatch.fingerprinting.worker import WorkerPool
from hashmatch.types import HashValue

PDQ = HashValue("pdq", bytes(range(32)), 100)
COMPACT = photograph(3, 256, 256)[..., 0].tobytes()
RIGHT: dict[str, Any] = {
    "kind": "bar",
    "box": (0, 60, 320, 300),
    "aspect": 320 / 240,
    "compact": COMPACT,
    "hashes": (PDQ,) * 8,
    "flatness": 0.25,
    "uncaptioned": PDQ,
}


def captioned(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    canvas = Image.new("RGB", (width, height + 60), "white")
    canvas.paste(Image.fromarray(picture), (0, 60))
    for line in range(2):
        ImageDraw.Draw(canvas).text(
            (12, 10 + 22 * line), "SOME WORDS " * 3, fill="black", font_size=16
        )
    return np.asarray(canvas)


DATA = png(captioned(photograph(5)))


def same(one: View, other: View) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        if field.name == "compact"
        else getattr(one, field.name) == getattr(other, field.name)
        for field in fields(View)
    )


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as made:
        yield made


def test_a_right_view_is_received() -> None:
    view = received_view(**RIGHT)
    assert view.compact.tobytes() == COMPACT
    assert (view.kind, view.hashes, view.captioned) == ("bar", (PDQ,) * 8, True)
    assert not received_view(**{**RIGHT, "uncaptioned": None}).captioned
    again = pickle.loads(pickle.dumps(view))  # noqa: S301 - of our own making
    assert same(again, view)


WRONG: list[tuple[str, Any]] = [
    ("kind", "page"),
    ("kind", None),
    ("box", [0, 60, 320, 300]),
    ("box", (0, 60, 320)),
    ("box", (0, 60, 320, 300.0)),
    ("box", (0, 60, True, 300)),
    ("box", (-1, 60, 320, 300)),
    ("box", (0, 300, 320, 300)),
    ("box", (320, 60, 320, 300)),
    ("aspect", 1),
    ("aspect", 0.0),
    ("aspect", -1.5),
    ("aspect", float("inf")),
    ("aspect", float("nan")),
    ("compact", COMPACT[1:]),
    ("compact", COMPACT + b"0"),
    ("compact", bytearray(COMPACT)),
    ("compact", COMPACT.decode("latin-1")),
    ("hashes", [PDQ] * 8),
    ("hashes", (PDQ,) * 7),
    ("hashes", (*(PDQ,) * 7, bytes(32))),
    ("hashes", (*(PDQ,) * 7, HashValue("phash", bytes(8)))),
    ("flatness", 0),
    ("flatness", -0.1),
    ("flatness", 1.1),
    ("flatness", float("nan")),
    ("uncaptioned", True),
    ("uncaptioned", bytes(32)),
    ("uncaptioned", HashValue("phash", bytes(8))),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_nothing_else_is_believed(field: str, value: Any) -> None:
    with pytest.raises(pickle.PicklingError, match="no view"):
        received_view(**{**RIGHT, field: value})


def test_every_field_is_tried() -> None:
    assert {field for field, _ in WRONG} == set(RIGHT) == {one.name for one in fields(View)}


def sends_no_view() -> View:
    """In a worker: a view that none is."""
    return View("whole", (0, 0, 9, 9), 1.0, np.zeros((9, 9), np.uint8))


def test_a_worker_that_sends_no_view_is_given_up(pool: WorkerPool) -> None:
    with pytest.raises(WorkerCrashError):
        pool.run(DEFAULT_LIMITS, sends_no_view)
    assert pool.run(DEFAULT_LIMITS, len, "four") == 4


@pytest.mark.parametrize("views", ["none", "trims", "all"])
def test_a_workers_views_are_those_made_here(views: str) -> None:
    here, there = (
        examine_image(DATA, views=views, isolate=isolate).views for isolate in (False, True)
    )
    assert (len(here) > 1) is (views != "none")
    assert all(same(one, other) for one, other in zip(here, there, strict=True))
    if views != "none":
        assert any(view.captioned for view in there)


def test_flatness() -> None:
    """One tone, with or without grain, and two tones; a photograph has many."""
    rng = np.random.default_rng(6)
    plain = np.full((256, 256), 90, np.uint8)
    grain = np.clip(np.rint(90 + rng.normal(0, 5, plain.shape)), 0, 255).astype(np.uint8)
    half = plain.copy()
    half[:, 128:] = 200
    assert flatness_of(plain) == 1
    assert np.mean(np.abs(grain - 90.0) <= 4) < 0.7 < 0.95 < flatness_of(grain)
    assert flatness_of(half) == pytest.approx(0.8)
    assert flatness_of(photograph(3, 256, 256)[..., 0].copy()) < 0.4
