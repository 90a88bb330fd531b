"""The short version of benchmarks/soak_killed_writers.py."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_killed_writers_leave_the_old_or_the_new_revision(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.setenv("PYTHONPATH", str(root))  # of the processes that are started
    from benchmarks import soak_killed_writers

    monkeypatch.setattr(soak_killed_writers, "RECORDS", 600)
    result = soak_killed_writers.soak(tmp_path, rounds=10)
    assert sum(result["outcomes"].values()) == 10
    assert any("killed" in line for line in result["outcomes"])
