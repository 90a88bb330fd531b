"""Programs that these tests start find this folder's helpers and this checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray_sessions import SESSIONS

TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _found_by_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(TESTS), str(TESTS.parent))))


@pytest.fixture(scope="session")
def ray_ends() -> Iterator[None]:
    """Whatever of Ray the tests have started ends with them."""
    yield
    SESSIONS.stop()
