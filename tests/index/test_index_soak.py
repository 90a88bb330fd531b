"""The short version of benchmarks/soak_index_writer.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


def test_a_killed_writer_and_readers(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.setenv("PYTHONPATH", str(root))  # of the processes that are started
    from benchmarks.soak_index_writer import soak

    result = soak(tmp_path, seconds=5)
    assert result["torn"] == []
    assert result["kills"] >= 1
    assert result["saves"] >= 1
    assert result["searches"] >= 3
    assert "benchmarks.soak_index_writer" in sys.modules
