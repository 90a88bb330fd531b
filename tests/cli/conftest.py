from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import Outcome, invoke

Run = Callable[..., Outcome]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs one command line in this process."""

    def run_command(*arguments: Any) -> Outcome:
        return invoke(capfdbinary, *arguments)

    return run_command


@pytest.fixture
def db(tmp_path: Path, run: Run) -> Path:
    """A new, empty database."""
    path = tmp_path / "national.db"
    assert run("db", "init", path).code == 0
    return path
