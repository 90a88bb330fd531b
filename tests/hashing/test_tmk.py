"""TMK+PDQF against the reference's own files and scores, and against slow sums."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError
from hashmatch.hashing import Resampler, TmkBuilder, TmkFeatures, tmk_level1, tmk_level2
from hashmatch.hashing.tmk import N_FOURIER, PERIODS

Floats = NDArray[np.float32]

SCORES = """
-0.310042 0.017566 doorknob-hd-no-bar pattern-sd-with-large-logo-bar
-0.088088 0.033167 chair-19-sd-bar pattern-sd-with-large-logo-bar
-0.083061 0.033179 chair-20-sd-bar pattern-sd-with-large-logo-bar
-0.077388 0.026434 chair-22-with-small-logo-bar pattern-sd-with-small-logo-bar
-0.074581 0.021536 chair-22-with-small-logo-bar pattern-sd-with-large-logo-bar
-0.071327 0.021766 chair-22-sd-grey-bar pattern-sd-with-large-logo-bar
-0.070220 0.022146 chair-orig-22-sd-bar pattern-sd-with-large-logo-bar
-0.069683 0.019660 chair-22-sd-sepia-bar pattern-sd-with-large-logo-bar
-0.067127 0.025258 chair-22-sd-sepia-bar pattern-sd-with-small-logo-bar
-0.066280 0.023696 chair-orig-22-hd-no-bar pattern-sd-with-small-logo-bar
-0.066129 0.028783 chair-20-sd-bar pattern-sd-with-small-logo-bar
-0.064803 0.023406 chair-orig-22-fhd-no-bar pattern-sd-with-small-logo-bar
-0.063257 0.025060 chair-22-sd-grey-bar pattern-sd-with-small-logo-bar
-0.063251 0.019399 chair-orig-22-hd-no-bar pattern-sd-grey-bar
-0.061950 0.019116 chair-orig-22-fhd-no-bar pattern-sd-grey-bar
-0.061946 0.025864 chair-19-sd-bar pattern-sd-with-small-logo-bar
0.919339 0.921573 chair-20-sd-bar chair-22-with-small-logo-bar
0.926403 0.953071 chair-22-with-small-logo-bar chair-orig-22-sd-bar
0.926929 0.953268 chair-22-sd-grey-bar chair-22-with-small-logo-bar
0.927289 0.953265 chair-22-sd-sepia-bar chair-22-with-small-logo-bar
0.952329 0.961902 chair-19-sd-bar chair-orig-22-sd-bar
0.952936 0.962041 chair-19-sd-bar chair-22-sd-sepia-bar
0.953346 0.962158 chair-19-sd-bar chair-22-sd-grey-bar
0.981078 0.954990 pattern-hd-no-bar pattern-longer-no-bar
0.985408 0.988313 chair-20-sd-bar chair-orig-22-sd-bar
0.985554 0.988220 chair-20-sd-bar chair-22-sd-sepia-bar
0.985930 0.988437 chair-20-sd-bar chair-22-sd-grey-bar
0.989083 0.991138 chair-19-sd-bar chair-20-sd-bar
0.999750 0.999720 chair-22-sd-sepia-bar chair-orig-22-sd-bar
0.999779 0.999763 chair-22-sd-grey-bar chair-22-sd-sepia-bar
0.999883 0.999877 chair-orig-22-fhd-no-bar chair-orig-22-hd-no-bar
0.999963 0.999964 chair-22-sd-grey-bar chair-orig-22-sd-bar
0.719880 0.737563 chair-orig-22-hd-no-bar chair-orig-22-sd-bar
0.719910 0.736369 chair-orig-22-hd-no-bar chair-22-sd-sepia-bar
0.720115 0.737112 chair-orig-22-hd-no-bar chair-22-sd-grey-bar
0.727833 0.733890 chair-orig-22-hd-no-bar chair-19-sd-bar
0.732827 0.742627 chair-orig-22-hd-no-bar chair-20-sd-bar
0.999883 0.999877 chair-orig-22-hd-no-bar chair-orig-22-fhd-no-bar
1.000000 1.000000 chair-orig-22-hd-no-bar chair-orig-22-hd-no-bar
"""
"""Level 1, level 2, and the files: the pair scores that ThreatExchange's tmk/README.md prints."""


def features_of(corpus: Path, name: str) -> TmkFeatures:
    return TmkFeatures.from_bytes((corpus / "video" / "tmk" / f"{name}.tmk").read_bytes())


@pytest.mark.parametrize("line", SCORES.split("\n")[1:-1])
def test_the_references_pair_scores(corpus: Path, line: str) -> None:
    level1, level2, first, second = line.split()
    a, b = features_of(corpus, first), features_of(corpus, second)
    assert tmk_level1(a.average, b.average) == pytest.approx(float(level1), abs=1e-5)
    assert tmk_level2(a, b)[0] == pytest.approx(float(level2), abs=1e-5)


def test_there_are_39_of_them() -> None:
    assert len(SCORES.split("\n")[1:-1]) == 39


def test_the_references_files_come_back_byte_for_byte(corpus: Path) -> None:
    files = sorted((corpus / "video" / "tmk").glob("*.tmk"))
    assert len(files) == 15
    for path in files:
        data = path.read_bytes()
        assert TmkFeatures.from_bytes(data).to_bytes() == data


def walk(seed: int, n: int) -> Floats:
    """Features that change slowly, as frames do."""
    noise = np.random.default_rng(seed).normal(size=(n + 12, 256)) * 100
    sums = np.cumsum(noise, axis=0)
    values: Floats = (sums[12:] - sums[:-12]).astype(np.float32)
    return values


def made_of(features: Floats) -> TmkFeatures:
    builder = TmkBuilder()
    builder.add(features)
    return builder.finish()


def test_slow_sums_give_the_same() -> None:
    features = walk(1, 40)
    features[7] = 0  # a frame without any feature is left as it is
    made = made_of(features)
    times = np.arange(40)
    lengths = np.linalg.norm(features.astype(np.float64), axis=1)
    units = features / np.where(lengths > 0, lengths, 1)[:, None]
    weights = struct.unpack("<32f", made.to_bytes()[48:176])
    assert weights[:6] == pytest.approx(
        [0.0708041893112, 0.13937789309, 0.132897260304, 0.122765735552, 0.109878684888, 0.09529606]
    )
    assert made.n_frames == 40
    np.testing.assert_allclose(made.average, features.mean(axis=0), rtol=1e-5, atol=1e-3)
    for p, period in enumerate(PERIODS):
        for j in range(N_FOURIER):
            angles = 2 * math.pi * j * times / period
            for waves, got in ((np.cos(angles), made.cosines), (np.sin(angles), made.sines)):
                total = waves @ units
                length = np.linalg.norm(total)
                expected = total / length * math.sqrt(weights[j]) if length > 1e-12 else total * 0
                np.testing.assert_allclose(got[p, j], expected, atol=1e-6)


def test_frames_one_by_one_or_together() -> None:
    features = walk(2, 30)
    builder = TmkBuilder()
    builder.add(features[:11])
    for row in features[11:]:
        builder.add(row)
    assert builder.finish().to_bytes() == made_of(features).to_bytes()


def test_a_frame_shown_several_times_or_never() -> None:
    features = walk(3, 6)
    builder = TmkBuilder()
    builder.add(features[:2], 3)
    builder.add(features[2], 0)
    builder.add(features[3:], 1)
    expected = np.concatenate([np.repeat(features[:2], 3, axis=0), features[3:]])
    assert builder.finish().to_bytes() == made_of(expected).to_bytes()


@settings(max_examples=15)
@given(st.integers(60, 120), st.booleans(), st.integers(0, 1000))
def test_the_offset_says_where_a_frame_is_in_the_other(by: int, back: bool, seed: int) -> None:
    """Frame t of the first is frame t + offset of the second; the kernel is seconds wide."""
    offset = -by if back else by
    whole = walk(seed, 420)
    a, b = whole[150:300], whole[150 - offset : 300 - offset]
    score, found = tmk_level2(made_of(a), made_of(b))
    assert abs(found - offset) <= 35, (found, offset)
    assert score > 0.1


def test_a_video_and_itself() -> None:
    made = made_of(walk(4, 90))
    assert tmk_level1(made.average, made.average) == pytest.approx(1)
    score, offset = tmk_level2(made, made)
    assert score == pytest.approx(1, abs=1e-5)
    assert offset == 0


def test_no_frame_at_all() -> None:
    nothing = TmkBuilder().finish()
    assert nothing.n_frames == 0
    assert tmk_level1(nothing.average, nothing.average) == 0
    assert tmk_level2(nothing, made_of(walk(5, 20)))[0] == 0
    assert TmkFeatures.from_bytes(nothing.to_bytes()).n_frames == 0


def _with(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, b"TMK2"),
        (4, b"FEAT"),
        (12, struct.pack("<i", 30)),
        (16, struct.pack("<i", 2**30)),
        (28, struct.pack("<i", -1)),
        (32, struct.pack("<i", 2730)),
        (48, struct.pack("<f", 0.5)),
        (300, struct.pack("<f", math.nan)),
        (200_000, struct.pack("<f", math.inf)),
    ],
)
def test_files_of_another_kind(at: int, value: bytes) -> None:
    data = made_of(walk(6, 10)).to_bytes()
    with pytest.raises(InputError, match="tmk: expected"):
        TmkFeatures.from_bytes(_with(data, at, value))


def test_files_of_another_length() -> None:
    data = made_of(walk(6, 10)).to_bytes()
    assert len(data) == 263_344
    for other in (b"", data[:-1], data + b"\0"):
        with pytest.raises(InputError, match="tmk: expected a file of 263344 bytes"):
            TmkFeatures.from_bytes(other)


def test_features_of_another_shape() -> None:
    builder = TmkBuilder()
    with pytest.raises(InputTypeError, match="float32"):
        builder.add(np.zeros(256))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="256"):
        builder.add(np.zeros(255, np.float32))


@pytest.mark.parametrize(
    ("n_frames", "rate", "expected"),
    [(564, 30, 284), (614, 30, 309), (673, 30, 338), (674, 30, 339), (120, 30, 62), (206, 30, 105)],
)
def test_the_references_frame_counts(n_frames: int, rate: int, expected: int) -> None:
    """Of its sample videos, which have 30 frames a second, as many as its files say."""
    assert _resampled(n_frames, rate) == expected


@pytest.mark.parametrize("rate", [5, 10, 12, 15, 24, 25, 29.97, 50, 60, 120])
def test_any_rate_comes_to_fifteen(rate: float) -> None:
    for seconds in (4, 20):
        n_frames = round(seconds * rate)
        assert _resampled(n_frames, rate) == pytest.approx(15 * seconds, abs=3)


def test_a_gap_repeats_the_frame_before_it() -> None:
    resampler = Resampler(15)
    shown = [resampler.times(t, t + 1000 / 15) for t in (0, 1000 / 15, 1000)]
    assert shown[:2] == [(0, 1), (0, 1)]
    before, again = shown[2]
    assert before + again == pytest.approx(14, abs=1)
    assert before > again


def _resampled(n_frames: int, rate: float) -> int:
    resampler = Resampler(rate)
    total = 0
    for number in range(n_frames):
        total += sum(resampler.times(1000 * number / rate, 1000 * (number + 1) / rate))
    return total
