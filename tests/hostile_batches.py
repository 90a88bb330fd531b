"""What a worker may do with a batch instead of hashing it; in a file of their own, because workers
import it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import Any

from hashmatch.fingerprinting.job import Job
from hashmatch.fingerprinting.picture_batch import hash_batch

POISON = b"poison"
"""At the end of a file: a PNG decoder does not look there."""

Answers = list[tuple[Any, ...] | None]


def dies_of_poison(files: Sequence[bytes], job: Job, seconds: float) -> Answers:
    """Dies in the middle of a batch."""
    if any(data.endswith(POISON) for data in files):
        os.kill(os.getpid(), signal.SIGKILL)
    return hash_batch(files, job, seconds)


def hangs_of_poison(files: Sequence[bytes], job: Job, seconds: float) -> Answers:
    if any(data.endswith(POISON) for data in files):
        time.sleep(600)
    return hash_batch(files, job, seconds)


def leaves_some(files: Sequence[bytes], job: Job, seconds: float) -> Answers:
    """As if there had been no time for every other one."""
    made = hash_batch(files, job, seconds)
    return [None if number % 2 else one for number, one in enumerate(made)]


def answers_too_few(files: Sequence[bytes], job: Job, seconds: float) -> Answers:
    return hash_batch(files, job, seconds)[1:]


def lies(files: Sequence[bytes], job: Job, seconds: float) -> Answers:
    """One value that no fingerprint has."""
    made = hash_batch(files, job, seconds)
    return [one and (*one[:2], -5, *one[3:]) for one in made]
