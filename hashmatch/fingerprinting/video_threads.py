"""Decoders that run at once share the processors; one alone has all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hashmatch.fingerprinting.worker import usable_processors

MOST_THREADS = 16
"""Of one decoder: each holds a frame or two, and more of them bring nothing."""

_LOCK = threading.Lock()
_RUNNING = 0


@contextmanager
def decoder_threads() -> Iterator[int]:
    """How many threads a decoder may use that runs as long as the ``with`` block."""
    global _RUNNING
    with _LOCK:
        _RUNNING += 1
        share = usable_processors() // _RUNNING
    try:
        yield min(MOST_THREADS, max(1, share))
    finally:
        with _LOCK:
            _RUNNING -= 1
