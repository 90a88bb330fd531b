"""Broken files through the supervised pool: every one ends in a status, and nothing else does.

``benchmarks/soak_mutated_files.py`` is the same with 20,000.
"""

from __future__ import annotations

import os
from collections import Counter

import psutil
import pytest
from reference.mutations import FORMATS, mutated, seeds

from hashmatch.decode import Limits
from hashmatch.fingerprinting import FingerprintStatus, examine_image, examine_images
from hashmatch.hashing import digest_bytes

LIMITS = Limits(max_pixels=4_000_000, max_seconds=10, max_memory=1 << 30)
HASHED = (
    FingerprintStatus.OK,
    FingerprintStatus.TRUNCATED,
    FingerprintStatus.LOW_INFORMATION,
)


def test_the_whole_files_are_hashed() -> None:
    whole = seeds()
    assert len(whole) >= len(FORMATS) - 2
    for name, data in whole.items():
        assert examine_image(data).status is FingerprintStatus.OK, name


def test_every_file_ends_in_a_status() -> None:
    process = psutil.Process(os.getpid())
    before = process.memory_info().rss
    files = [data for _, data in mutated(1500, seed=2)]
    answers = list(examine_images(files, workers=2, isolate=True, limits=LIMITS))
    assert len(answers) == len(files)
    for data, made in zip(files, answers, strict=True):
        assert made.digests == digest_bytes(data)
        assert bool(made.hashes) == (made.status in HASHED)
        assert made.status is FingerprintStatus.OK or made.reason
        assert (made.fraction is not None) or made.status is not FingerprintStatus.TRUNCATED
    counts = Counter(made.status for made in answers)
    assert sum(counts.values()) == len(files)
    assert {
        FingerprintStatus.OK,
        FingerprintStatus.TRUNCATED,
        FingerprintStatus.CORRUPT,
        FingerprintStatus.UNSUPPORTED,
        FingerprintStatus.LIMIT,
    } <= set(counts)
    # No known decoder bug: if one of the bundled decoders crashes or hangs on these, look at it.
    assert counts[FingerprintStatus.CRASHED] == counts[FingerprintStatus.TIMEOUT] == 0
    assert process.memory_info().rss - before < 100 << 20


@pytest.mark.filterwarnings("ignore:::PIL")
def test_in_process_gives_the_same() -> None:
    files = [data for _, data in mutated(200, seed=3)]
    isolated = list(examine_images(files, workers=2, isolate=True, limits=LIMITS))
    assert [examine_image(data, limits=LIMITS) for data in files] == isolated
