"""Small exhibits of synthetic pictures, catalogued, beside a database of known media."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from exhibits import IN_PROCESS

from hashmatch.database import Database, open_database
from hashmatch.scan import Catalogue, Judge, scan_into
from hashmatch.triage import Classification, CopyGroups, classify

Files = Mapping[str, bytes]
MakeCatalogue = Callable[..., Catalogue]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "national.db", create=True, actor="tester") as database:
        yield database


@pytest.fixture
def make_catalogue(tmp_path: Path) -> Iterator[MakeCatalogue]:
    """A catalogue of a tree with these files, by their paths; open for writing."""
    opened: list[Catalogue] = []

    def make(
        files: Files, *, name: str = "set", judge: Judge | None = None, **options: Any
    ) -> Catalogue:
        root = tmp_path / f"{name}-tree"
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        catalogue = Catalogue.open(tmp_path / name, create=True)
        opened.append(catalogue)
        done = scan_into(catalogue, [root], recipe=IN_PROCESS, workers=2, judge=judge, **options)
        assert done.complete
        return catalogue

    yield make
    for catalogue in opened:
        catalogue.close()


@pytest.fixture
def classified() -> Iterator[Callable[..., Classification]]:
    """``classify`` whose results are closed at the end."""
    made: list[Classification] = []

    def make(catalogue: Catalogue, groups: CopyGroups | None = None, **other: Any) -> Any:
        given = CopyGroups((), "complete", 20) if groups is None else groups
        made.append(classify(catalogue, given, **other))
        return made[-1]

    yield make
    for one in made:
        one.close()
