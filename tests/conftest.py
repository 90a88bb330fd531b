"""What every test folder shares: the corpus, the instruction sets, one fixed Hypothesis profile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from hashmatch import cpu

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
