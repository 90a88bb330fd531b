"""The short version of benchmarks/soak_database.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


def test_one_writer_and_checking_processes(
    new_url: Callable[[], str], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.setenv("PYTHONPATH", str(root))  # of the processes that are started
    monkeypatch.setenv("HASHMATCH_CACHE", str(tmp_path / "cache"))
    from benchmarks.soak_database import soak

    result = soak(new_url(), seconds=4, checkers=2, base=200)
    assert result["wrong"] == []
    assert result["busy"] == 0
    assert result["writes"] >= 3
    assert result["checks"] >= 3
    assert result["matches, each logged"] >= 1
