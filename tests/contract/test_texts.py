"""Hostile texts in every field: stored and given back on both systems, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from database.samples import digests, pdq, record
from sqlalchemy import select

from hashmatch.database import Database
from hashmatch.errors import InputError
from hashmatch.store import schema
from hashmatch.types import Deletion, HashRecord, Reject, Sighting

TEXTS = {
    "injection": "'; DROP TABLE opinion; --",
    "double quotes": '"; DELETE FROM "hashmatch"."media" WHERE "id" > 0; --',
    "comment": "/* x */ OR 1=1 --\\",
    "dollar quotes": "$do$; SELECT pg_sleep(9); $do$ $1",
    "places": "? IS ? %s %(x)s %% :x {x} \\N \\.",
    "NUL": "a\0b\0",
    "surrogates": "\ud800x\udfff\ud83d",
    "substitute": "\x1a\x1a0000",
    "controls": "\t\r\n\x01\x7f\x85\u2028\ufeff",
    "astral": "\U0001f600 Ä ẞ 中",
    "combining": "e\u0301 é",
    "spaces": "  x  ",
}


def full(text: str, key: str | None = None) -> HashRecord:
    """A record with the text in every field that takes one."""
    return record(
        text if key is None else key,
        of=digests(md5=1),
        hashes=(pdq(1),),
        mime=text,
        opinion={
            "scheme": text,
            "raw_category": text,
            "series": (text, "second"),
            "tags": (text,),
            "updated_raw": text,
        },
        extra={text: text, "other": text},
        rejects=(Reject(1, text, text, text, False),),
        seen_at=(
            Sighting(
                case=text,
                file_name=text,
                file_path=text,
                parent_path=text,
                created_raw=text,
                written_raw=text,
                accessed_raw=text,
                extra={text: text},
            ),
        ),
    )


def came_back(db: Database, given: HashRecord, source: str) -> None:
    with db.snapshot() as view:
        ((media,),) = [view.media_by_digests(given.digests)]
        sighted = view.connection.execute(select(schema.sighting)).one()
        refused = view.connection.execute(select(schema.reject)).one()
    (stored,) = media.opinions
    assert (stored.source, stored.record_key) == (source, given.record_key)
    assert (stored.opinion, stored.mime) == (given.opinion, given.mime)
    assert stored.extra == given.extra
    (place,) = given.seen_at
    for column, value in (("case_key", place.case), ("file_name", place.file_name)):
        assert getattr(sighted, column) == value
    for column in ("file_path", "parent_path", "created_raw", "written_raw", "accessed_raw"):
        assert getattr(sighted, column) == getattr(place, column)
    assert refused.record_key == given.record_key


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_text_comes_back(database: Database, text: str) -> None:
    given = full(text)
    report = database.import_records([given], source=text, actor=text)
    assert (report.added, report.sightings) == (1, 1)
    came_back(database, given, text)
    again = database.import_records([given], source=text, actor=text)
    assert (again.added, again.unchanged, again.revision) == (0, 1, 1)
    assert database.stats().by_source == {text: 1}
    database.record_audit("check", {text: text}, text)
    assert [entry.actor for entry in database.audit_entries(since=2)] == [text] * 3
    assert database.withdraw(source=text, record_key=text, actor=text) == 1
    assert database.verify_audit() == 5


def test_texts_of_ten_megabytes_come_back(database: Database) -> None:
    text = "'\0\ud800é" + "x" * 10_000_000 + "\0"
    given = full(text, key="k")
    assert database.import_records([given], source="s").added == 1
    came_back(database, given, "s")
    assert database.import_records([given], source="s").unchanged == 1


def test_a_key_of_ten_megabytes_is_refused_by_name(database: Database) -> None:
    text = "k" * 10_000_000
    gone = Deletion(record_key=text, position=2, reason="withdrawn", raw="")
    report = database.import_records([record(text), gone, record("b", position=3)], source="s")
    assert (report.seen, report.added, report.rejected) == (3, 1, 2)
    assert report.reject_reasons == {"record key too long": 2}
    with database.snapshot() as view:
        refused = view.connection.execute(select(schema.reject)).all()
    assert [(row.position, row.field) for row in refused] == [(1, "record_key"), (2, "record_key")]
    with pytest.raises(InputError, match="source"):
        database.import_records([record("a")], source=text)


@pytest.mark.parametrize("character", ["k", "\0", "é", "中", "\U0001f600"])
def test_the_longest_key_that_is_taken(database: Database, character: str) -> None:
    stored = {"\0": 5}.get(character, len(character.encode()))
    longest = character * (1000 // stored)
    report = database.import_records([record(longest), record(longest + "kkkkk")], source=longest)
    assert (report.added, report.rejected) == (1, 1)
    again = database.import_records([record(longest)], source=longest)
    assert again.unchanged == 1
    assert database.withdraw(source=longest, record_key=longest) == 1


def test_keys_are_equal_only_byte_by_byte(open_new: Callable[..., Database]) -> None:
    keys = ["a", "A", "á", "a\u0301", "a ", " a", "a\0", "\uff41", "ß", "ss", "\x1a0000", "1", "01"]
    with open_new() as database:
        given = [record(key, of=digests(md5=n)) for n, key in enumerate(keys)]
        assert database.import_records(given, source="s").added == len(keys)
        assert database.import_records(given, source="S").added == len(keys)
        for key in keys:
            assert database.withdraw(source="s", record_key=key) == 1
        assert database.stats().by_source == {"S": len(keys), "s": 0}
        assert list(database.stats().by_source) == ["S", "s"]


def test_names_stand_in_one_order_everywhere(database: Database) -> None:
    names: list[Any] = ["b", "a", "B", "Z", "ä", "a b", "a-b", "aB", "中", "_"]
    for number, name in enumerate(names):
        database.import_records([record("k", of=digests(md5=number))], source=name)
    assert list(database.stats().by_source) == sorted(names)
