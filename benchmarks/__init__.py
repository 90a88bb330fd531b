"""Benchmarks and soaks. Run from the checkout: ``python -m benchmarks.bench_hash_image``.

The synthetic pictures and the obvious versions are those of the tests, in ``tests/reference``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
