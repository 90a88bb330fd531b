"""What every test folder shares: the corpus, the instruction sets, databases of both backends.

A test that takes ``backend``, ``new_url``, ``open_new`` or ``database`` runs once on SQLite and
once on a real PostgreSQL server, which the first of them starts and the session's end stops.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from postgres_server import REQUIRED, PostgresServer, find_binaries

from hashmatch import cpu
from hashmatch.database import Database, open_database

# derandomize: the same examples on every run. No deadline: no test here measures time.
settings.register_profile(
    "hashmatch",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("hashmatch")

ROOT = Path(__file__).resolve().parent.parent


def pytest_report_header() -> str:
    return f"hashmatch: ISAs {', '.join(cpu.available_isas())}; corpus {_corpus_folder()}"


def _corpus_folder() -> Path:
    return Path(os.environ.get("HASHMATCH_CORPUS", ROOT.parent / "shared" / "corpus"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of public test pictures, which are not part of this repository."""
    folder = _corpus_folder()
    if not (folder / "pdq_reference.csv").is_file():
        pytest.skip(f"no corpus at {folder}; HASHMATCH_CORPUS says where it is")
    return folder


@pytest.fixture(params=cpu.available_isas())
def isa(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs the test once on every instruction set of this machine."""
    name: str = request.param
    with cpu.using_isa(name):
        assert cpu.active_isa() == name
        yield name


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server, one for all tests."""
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED} is 1, and no PostgreSQL server is installed")
        pytest.skip("no PostgreSQL server is installed (15 or newer, Debian: postgresql)")
    server = PostgresServer(binaries)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    """Runs the test once on each system that can hold the database."""
    name: str = request.param
    return name


@pytest.fixture
def new_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Gives paths or URLs at which ``open_database(..., create=True)`` makes a new database."""
    if backend == "sqlite":
        numbers = count(1)
        return lambda: str(tmp_path / f"national-{next(numbers)}.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database


@pytest.fixture
def open_new(new_url: Callable[[], str]) -> Iterator[Callable[..., Database]]:
    """Opens new databases, with the arguments of ``open_database``; closed after the test."""
    with ExitStack() as opened:

        def make(**options: Any) -> Database:
            chosen = {"create": True, "actor": "tester", **options}
            return opened.enter_context(open_database(new_url(), **chosen))

        yield make


@pytest.fixture
def database(open_new: Callable[..., Database]) -> Database:
    """A new database."""
    return open_new()
