from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hashmatch.database import Database, open_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "national.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with open_database(path, create=True, actor="tester") as database:
        yield database
