from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hashmatch.database import Database, open_database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "national.db", create=True, actor="tester") as database:
        yield database
