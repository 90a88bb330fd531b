"""Ray for the tests of this folder; ``ray_sessions`` says how it is shared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ray_sessions import SESSIONS, RaySessions, TwoNodes


@pytest.fixture(scope="session")
def ray_sessions() -> Iterator[RaySessions]:
    pytest.importorskip("ray")
    yield SESSIONS
    SESSIONS.stop()


@pytest.fixture
def ray_local(ray_sessions: RaySessions) -> None:
    """Ray on this machine: one node, two cpus."""
    ray_sessions.local()


@pytest.fixture
def ray_two_nodes(ray_sessions: RaySessions) -> TwoNodes:
    """Ray with two nodes of one cpu; the test may remove the second one."""
    return ray_sessions.two_nodes()
