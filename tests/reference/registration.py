"""Registration as its description reads: float64, whole matrices, everything solved or integrated
as far as it goes.

A placement is (left, right, top, bottom, angle) as in docs/registration.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
SIDE = 256
CONTENT = 160  # of an extended canvas
SAMPLES = 64
FREQUENCIES = 16

REORIENTED: tuple[Callable[[Doubles], Doubles], ...] = (
    lambda a: a,
    lambda a: np.rot90(a, 1),
    lambda a: np.rot90(a, 2),
    lambda a: np.rot90(a, -1),
    lambda a: a[::-1],
    lambda a: a[:, ::-1],
    lambda a: a.T,
    lambda a: np.rot90(a, 2).T,
)
TRANSPOSED = (1, 3, 6, 7)


def content(compact: NDArray[np.uint8], samples: int) -> Doubles:
    """Box means of the compact luma, ``samples`` a side."""
    ends = np.linspace(0, SIDE, samples + 1)
    at = np.arange(SIDE)
    shared = np.minimum(ends[1:, None], at + 1) - np.maximum(ends[:-1, None], at)
    means = np.clip(shared, 0, None) * (samples / SIDE)
    made: Doubles = means @ compact.astype(np.float64) @ means.T
    return made


def continued(middle: Doubles) -> Doubles:
    """The content and its harmonic continuation, level at the canvas's ends: each sample outside is
    the mean of its neighbours, by over-relaxation until nothing moves."""
    margin = (SIDE - len(middle)) // 2
    samples = np.pad(middle, margin + 1, mode="edge")  # one more around: level ends
    inner = samples[1:-1, 1:-1]
    unknown = np.ones((SIDE, SIDE), bool)
    unknown[margin:-margin, margin:-margin] = False
    even = np.add.outer(np.arange(SIDE), np.arange(SIDE)) % 2 == 0
    colours = (1.94 * (unknown & even), 1.94 * (unknown & ~even))
    for _ in range(1000):
        before = inner.copy()
        for relaxed in colours:
            samples[0], samples[-1] = samples[1], samples[-2]
            samples[:, 0], samples[:, -1] = samples[:, 1], samples[:, -2]
            sums = samples[:-2, 1:-1] + samples[2:, 1:-1] + samples[1:-1, :-2] + samples[1:-1, 2:]
            inner += relaxed * (sums / 4 - inner)
        if np.abs(inner - before).max() < 1e-3:
            return inner.copy()
    raise AssertionError("the continuation does not converge")


def canvas(compact: NDArray[np.uint8], extended: bool) -> Doubles:
    return continued(content(compact, CONTENT)) if extended else compact.astype(np.float64)


def placed_canvas(upright: Doubles, orientation: int, angle: float, aspect: float) -> Doubles:
    """Re-oriented, then turned by quarters of a degree about the middle."""
    whole = REORIENTED[orientation](upright)
    degrees = round(angle * 4) / 4
    if degrees == 0:
        return whole
    ratio = 1 / aspect if orientation in TRANSPOSED else aspect
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    middle = (SIDE - 1) / 2
    y, x = np.mgrid[:SIDE, :SIDE] - middle
    from_x = np.clip(cosine * x - sine / ratio * y + middle, 0, SIDE - 1)
    from_y = np.clip(sine * ratio * x + cosine * y + middle, 0, SIDE - 1)
    left = np.minimum(from_x.astype(np.int64), SIDE - 2)
    top = np.minimum(from_y.astype(np.int64), SIDE - 2)
    across, down = from_x - left, from_y - top
    upper = (1 - across) * whole[top, left] + across * whole[top, left + 1]
    lower = (1 - across) * whole[top + 1, left] + across * whole[top + 1, left + 1]
    turned: Doubles = (1 - down) * upper + down * lower
    return turned


def axis(before: float, after: float, samples: int) -> Doubles:
    """(64, 256): what each of PDQ's sample points sees of the canvas; tents half a step wide on
    each side, one sample at least; the canvas's outermost samples go on for ever."""
    step = samples / (1 - before - after) / SAMPLES
    reach = max(1.0, step / 2)
    margin = (SIDE - samples) // 2
    matrix = np.zeros((SAMPLES, SIDE))
    for i in range(SAMPLES):
        middle = (i + 0.5 - before * SAMPLES) * step - 0.5 + margin
        at = np.arange(math.floor(middle - reach), math.ceil(middle + reach) + 1)
        weights = np.clip(1 - np.abs(at - middle) / reach, 0, None)
        np.add.at(matrix[i], np.clip(at, 0, SIDE - 1), weights / weights.sum())
    return matrix


def coefficients(whole: Doubles, placement: Sequence[float], samples: int) -> Doubles:
    """(16, 16): [vertical frequency - 1][horizontal frequency - 1]."""
    left, right, top, bottom = placement[:4]
    frequency = np.arange(1, FREQUENCIES + 1)[:, None]
    cosines = math.sqrt(2 / SAMPLES) * np.cos(
        math.pi / SAMPLES * frequency * (np.arange(SAMPLES) + 0.5)
    )
    down = cosines @ axis(top, bottom, samples)
    across = cosines @ axis(left, right, samples)
    values: Doubles = down @ whole @ across.T
    return values


def margins(values: Doubles) -> Doubles:
    """(256,): how far each coefficient is from the lower median."""
    flat = values.ravel()
    apart: Doubles = flat - np.sort(flat)[127]
    return apart


def signs_of(value: bytes) -> Doubles:
    """(256,): a hash's bits as +1 and -1, in the order of the coefficients."""
    number = int.from_bytes(value, "big")
    return np.array([1.0 if number >> k & 1 else -1.0 for k in range(256)])


def _beyond_an_edge(depth: float) -> Doubles:
    """(16, 16): [frequency across the edge][along it], share of the variance that is beyond it."""
    if depth <= 0:
        return np.zeros((FREQUENCIES, FREQUENCIES))
    n = 120
    u = (np.arange(n) + 0.5) * depth / n  # from the last column that is seen
    frequency = np.arange(1, FREQUENCIES + 1)
    waves = np.cos(math.pi * frequency[:, None] * (depth - u))
    shares = np.empty((FREQUENCIES, FREQUENCIES))
    for along in frequency:
        rate = math.pi * along
        apart = np.exp(-rate * np.abs(u[:, None] - u)) - np.exp(-rate * (u[:, None] + u))
        hidden = np.einsum("fa,ab,fb->f", waves, apart / (2 * rate), waves) * (depth / n) ** 2
        shares[:, along - 1] = hidden * 2 * math.pi**2 * (frequency**2 + along**2)
    return np.clip(shares, 0, 1)


def hidden_shares(placement: Sequence[float]) -> Doubles:
    """(16, 16): share of each coefficient's variance that the query does not show."""
    left, right, top, bottom = placement[:4]
    across = (1 - _beyond_an_edge(left)) * (1 - _beyond_an_edge(right))  # [horizontal][vertical]
    down = (1 - _beyond_an_edge(top)) * (1 - _beyond_an_edge(bottom))
    shares: Doubles = 1 - across.T * down
    return shares


def weighted_distance(values: Doubles, stored: bytes, placement: Sequence[float]) -> float:
    """128 - 8 z, z the agreement of all bits in standard deviations of unrelated ones, each
    weighed by the log odds that the query's side of it is right."""
    frequency = np.arange(1, FREQUENCIES + 1)
    falling = np.add.outer(frequency**2, frequency**2).ravel()
    apart = margins(values)
    scale = np.sort(np.abs(apart) * np.sqrt(falling))[128] / 0.6745
    deviation = scale * np.sqrt((hidden_shares(placement).ravel() + 0.01) / falling)
    certain = np.minimum(np.abs(apart) / deviation, 4)
    right = 0.03 + 0.94 * 0.5 * np.array([math.erfc(-c / math.sqrt(2)) for c in certain])
    weights = np.log(right / (1 - right))
    agreeing = np.where(apart > 0, 1.0, -1.0) * signs_of(stored)
    return float(128 - 8 * (weights * agreeing).sum() / math.sqrt((weights**2).sum()))


def concentration(value: bytes) -> float:
    """Sum of the fourth powers of the singular values of the 16 x 16 signs, over the largest."""
    singular = np.linalg.svd(signs_of(value).reshape(16, 16), compute_uv=False)
    return float((singular**4).sum() / 16**4)
