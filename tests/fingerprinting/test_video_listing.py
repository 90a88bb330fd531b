"""Lists that hold videos: JSON carries them whole, CSV says that it does not."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from clips import make_clip, make_sound, shots
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import RecordError
from hashmatch.fingerprinting import (
    CSV_COLUMNS,
    VIDEO_SCHEMA,
    FingerprintStatus,
    FrameHashes,
    ImageFingerprint,
    VideoFingerprint,
    bounded_lines,
    csv_line,
    examine_video,
    hash_video,
    read_listing,
    to_row,
)
from hashmatch.fingerprinting.listing_lines import MAX_VIDEO_RECORD
from hashmatch.types import MediaKind

CLIP = make_clip(shots([1, 2, 3], 5))
MADE = hash_video(CLIP, interval_s=0)
VALUES: dict[str, Any] = {"schema": VIDEO_SCHEMA, **MADE.to_dict()}


def listed(*values: object) -> list[Any]:
    text = "".join(json.dumps(each) + "\n" for each in values)
    return list(read_listing(bounded_lines(io.StringIO(text, newline=""))))


def test_json_reads_back_whole() -> None:
    for made in (MADE, examine_video(CLIP[:300]), examine_video(make_sound())):
        (back,) = listed({"schema": VIDEO_SCHEMA, **made.to_dict()})
        assert isinstance(back, VideoFingerprint)
        assert back == made
        assert back.to_dict() == made.to_dict()


@st.composite
def videos(draw: st.DrawFn) -> VideoFingerprint:
    n = draw(st.integers(1, 6))
    spans = np.array(draw(st.lists(st.integers(0, 10**6), min_size=n, max_size=n)), np.int64)
    frames = FrameHashes(
        times_ms=np.cumsum(spans) - spans[0],
        numbers=np.cumsum(np.array(draw(st.lists(st.integers(1, 99), min_size=n, max_size=n)))),
        hashes=np.frombuffer(draw(st.binary(min_size=32 * n, max_size=32 * n)), np.uint8).reshape(
            n, 32
        ),
        qualities=np.array(
            draw(st.lists(st.integers(0, 100), min_size=n, max_size=n)), dtype=np.uint8
        ),
        spans_ms=spans,
    )
    return VideoFingerprint(
        status=draw(st.sampled_from([FingerprintStatus.OK, FingerprintStatus.PARTIAL])),
        reason=draw(st.none() | st.text(st.characters(codec="utf-8"), max_size=9)),
        orientation=draw(st.sampled_from([None, "original", "flip_x"])),
        frame_rate=draw(st.none() | st.floats(0, 1e6)),
        cover_art=draw(st.none() | st.text(st.characters(codec="utf-8"), max_size=9)),
        interval_s=draw(st.none() | st.floats(0, 100)),
        prune_distance=draw(st.none() | st.integers(0, 256)),
        trim=draw(st.none() | st.just((1, 2, 30, 40))),
        frames=frames,
    )


@given(st.lists(videos(), max_size=3))
def test_any_video_reads_back(made: list[VideoFingerprint]) -> None:
    found = listed(*({"schema": VIDEO_SCHEMA, **each.to_dict()} for each in made))
    assert [each.to_dict() for each in found] == [each.to_dict() for each in made]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("frames", []),
        ("frames", {}),
        ("frames", [1]),
        ("frames", VALUES["frames"][::-1]),
        ("frames", [{**VALUES["frames"][0], "quality": 101}]),
        ("frames", [{**VALUES["frames"][0], "time_ms": -1}]),
        ("frames", [{**VALUES["frames"][0], "number": 1.0}]),
        ("frames", [{**VALUES["frames"][0], "span_ms": True}]),
        ("frames", [{**VALUES["frames"][0], "pdq": "00"}]),
        ("frames", [{**VALUES["frames"][0], "time_ms": 2**60}]),
        ("status", "FINE"),
        ("orientation", 6),
        ("orientation", "sideways"),
        ("frame_rate", "30"),
        ("frame_rate", float("nan")),
        ("trim", [1, 2, 3]),
        ("trim", [1, 2, 3, None]),
        ("n_frames", -1),
        ("made_with", []),
        ("md5", "0"),
    ],
)
def test_what_is_refused(key: str, value: Any) -> None:
    (found,) = listed({**VALUES, key: value})
    assert isinstance(found, RecordError), found


@pytest.mark.parametrize("key", sorted(VALUES.keys() - {"schema"}))
def test_a_key_that_is_missing(key: str) -> None:
    (found,) = listed({name: value for name, value in VALUES.items() if name != key})
    assert isinstance(found, RecordError)


def test_long_videos_fit_and_pictures_do_not() -> None:
    many = [{**VALUES["frames"][0], "number": k, "time_ms": k} for k in range(3000)]
    long = {**VALUES, "frames": many}
    (found, after) = listed(long, VALUES)
    assert len(found.frames) == 3000
    assert after == MADE
    short = json.dumps({"schema": "hashmatch.hash/1", "reason": "x" * 100_000}) + "\n"
    (refused,) = read_listing(bounded_lines(io.StringIO(short)))
    assert isinstance(refused, RecordError)


def test_a_video_without_an_end() -> None:
    head = '{"schema": "hashmatch.video/1", "reason": "'
    stream = io.StringIO(head + "x" * (MAX_VIDEO_RECORD + 99) + "\n" + json.dumps(VALUES) + "\n")
    lines = bounded_lines(stream)
    assert len(next(lines)) == MAX_VIDEO_RECORD + 1
    assert json.loads(next(lines)) == VALUES


def test_csv_says_that_it_has_no_frames() -> None:
    text = csv_line(CSV_COLUMNS) + csv_line(to_row(MADE)) + csv_line(to_row(examine_video(b"")))
    row = dict(zip(CSV_COLUMNS, to_row(MADE), strict=True))
    assert (row["pdq"], row["frames"], row["status"]) == ("", str(len(MADE.frames)), "OK")
    found, empty = read_listing(bounded_lines(io.StringIO(text, newline="")))
    assert isinstance(found, ImageFingerprint)
    assert (found.status, found.kind) == (FingerprintStatus.UNSUPPORTED, MediaKind.VIDEO)
    assert found.digests == MADE.digests
    assert "JSON" in str(found.reason)
    assert isinstance(empty, ImageFingerprint)
    assert empty.status is FingerprintStatus.EMPTY
