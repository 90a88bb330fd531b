"""A decision on a group is about what the examiner saw of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, InputError
from hashmatch.ledger import Ledger
from hashmatch.report import (
    Evidence,
    FileEntry,
    Group,
    GroupKind,
    Member,
    ReportModel,
    TriageClass,
    write_report,
)
from hashmatch.triage import shown_group
from hashmatch.types import Digests

Write = Callable[..., Path]
DUPLICATE, UNKNOWN = TriageClass.DUPLICATE, TriageClass.UNKNOWN


def name_of(number: int) -> str:
    return f"{number:064x}"


def entry(number: int, triage: TriageClass, path: str | None = None) -> FileEntry:
    digests = Digests(sha256=name_of(number))
    return FileEntry(path or f"{number}.jpg", triage, size=1, digests=digests)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A report with these groups."""

    def make(*groups: Group) -> Path:
        moment = datetime(2026, 3, 1, tzinfo=UTC)
        model = ReportModel(Evidence(moment, moment, "tool", ()), Ledger(), (), groups)
        write_report(model, tmp_path / "out")
        return tmp_path / "out"

    return make


def near(*files: FileEntry, kind: GroupKind = GroupKind.NEAR, **other: Any) -> Group:
    others = [Member(file, 4, "original", **other) for file in files[1:]]
    return Group(kind, files[0], "largest", others)


def test_what_a_look_at_the_group_settles(write: Write) -> None:
    odd = b"odd-\xe4\n".decode("utf-8", "surrogateescape")
    first = near(entry(1, UNKNOWN), entry(2, DUPLICATE))
    second = near(
        entry(5, UNKNOWN),
        entry(5, DUPLICATE, "again.jpg"),
        entry(4, DUPLICATE, odd),
        entry(6, TriageClass.DECIDED),
        entry(7, TriageClass.BASELINE),
        entry(8, TriageClass.POSSIBLE),
    )
    folder = write(first, second)
    expected = {name_of(4): odd, name_of(5): "5.jpg", name_of(8): "8.jpg"}
    assert shown_group(folder, name_of(5).upper()) == expected
    assert list(shown_group(folder, name_of(4))) == sorted(expected)
    assert shown_group(folder, name_of(1)) == {name_of(1): "1.jpg", name_of(2): "2.jpg"}
    assert shown_group(folder, name_of(9)) == {}
    with pytest.raises(InputError, match="it is baseline"):
        shown_group(folder, name_of(7))


def test_a_film_settles_its_copies_and_not_what_shares_a_scene(write: Write) -> None:
    files = (entry(1, UNKNOWN), entry(2, DUPLICATE))
    copies = near(*files, kind=GroupKind.VIDEO, share=95)
    scene = near(entry(3, UNKNOWN), entry(4, UNKNOWN), kind=GroupKind.VIDEO, share=94)
    folder = write(copies, scene)
    assert list(shown_group(folder, name_of(1))) == [name_of(1), name_of(2)]
    assert list(shown_group(folder, name_of(3))) == [name_of(3)]
    with pytest.raises(InputError, match="decide on it alone"):
        shown_group(folder, name_of(4))


@pytest.mark.parametrize("line", [b"nothing\n", b"[]\n", b'{"group": 1}\n'])
def test_a_damaged_table(tmp_path: Path, line: bytes) -> None:
    with pytest.raises(ExchangeError, match="can't read"):
        shown_group(tmp_path, name_of(1))
    (tmp_path / "groups.jsonl").write_bytes(line)
    with pytest.raises(ExchangeError, match="groups"):
        shown_group(tmp_path, name_of(1))
