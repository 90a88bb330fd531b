"""What a database says does not depend on the order of records, of lists, or of frames in a record.

Digests, keys and hashes come from few values, so that media are shared, merged and contradicted.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from database.samples import digests, pdq, photodna, record
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.database import Database, ExportFilter, batches, open_database
from hashmatch.database.exporting import consolidated_records
from hashmatch.exchange import write_list
from hashmatch.facts import Act, Age, Facts, Nature, Sex
from hashmatch.types import Deletion, HashRecord, HashValue, Label, MediaKind, Reject, Sighting

Items = list[HashRecord | Deletion]

few = st.none() | st.integers(0, 2)
flags = st.none() | st.booleans()
all_facts = st.builds(
    Facts,
    *(st.none() | st.sampled_from(list(words)) for words in (Nature, Age, Sex, Act)),
)
hashes = st.builds(
    lambda seed, quality, frame, time: replace(
        pdq(seed, quality), frame=frame, time_s=None if time is None else time / 4
    ),
    st.integers(0, 2),
    st.sampled_from([None, 10, 60, 90]),
    few,
    few,
) | st.just(photodna(1))
opinions = st.fixed_dictionaries(
    {"facts": all_facts, "baseline": flags, "distributed": flags},
    optional={
        "scheme": st.sampled_from(["a", "b"]),
        "series": st.lists(st.sampled_from("xyz"), max_size=3).map(tuple),
        "tags": st.lists(st.sampled_from("xyz"), max_size=3).map(tuple),
        "submissions": st.integers(0, 2),
    },
)


@st.composite
def records(draw: st.DrawFn) -> HashRecord:
    of = digests(md5=draw(few), sha1=draw(few), sha256=draw(few))
    values = draw(st.lists(hashes, max_size=4, unique=True))
    if not of and not values:
        values = [pdq(1)]
    return record(
        draw(st.sampled_from(["a", "b", "c"])),
        of=of,
        label=draw(st.sampled_from(list(Label))),
        hashes=tuple(values),
        opinion=draw(opinions),
        kind=draw(st.sampled_from(list(MediaKind))),
        size=draw(st.none() | st.integers(1, 2)),
        extra=draw(st.dictionaries(st.sampled_from("pq"), st.sampled_from("12"), max_size=2)),
        rejects=draw(st.sampled_from([(), (Reject(1, "MD5", "md5 length", "1", False),)])),
        seen_at=draw(st.sampled_from([(), (Sighting(case="1"),)])),
    )


deletions = st.builds(
    Deletion, st.sampled_from(["a", "b", "c"]), st.just(1), st.just("deletedImage"), st.just("")
)
lists = st.lists(st.lists(records(), max_size=6), min_size=1, max_size=3)


def shuffled(items: Sequence[HashRecord | Deletion], chance: random.Random) -> Items:
    """Another order of the records, and of the hashes and members in each."""
    mixed: Items = []
    for item in items:
        if isinstance(item, HashRecord):
            values: list[HashValue] = list(item.hashes)
            chance.shuffle(values)
            extra = dict(reversed(list(item.extra.items())))
            item = replace(item, hashes=tuple(values), extra=extra)
        mixed.append(item)
    chance.shuffle(mixed)
    return mixed


def exported(db: Database) -> list[HashRecord]:
    with db.snapshot() as view:
        return list(consolidated_records(view, ExportFilter()))


@settings(max_examples=60, deadline=None)
@given(lists=lists, batch=st.integers(1, 4), seed=st.integers(0, 1000))
def test_shuffled_records_and_lists_say_the_same(
    lists: list[list[HashRecord]], batch: int, seed: int
) -> None:
    chance = random.Random(seed)
    numbers = list(range(len(lists)))
    patch = pytest.MonkeyPatch()
    with tempfile.TemporaryDirectory() as name, patch.context() as patched:
        folder = Path(name)
        with open_database(folder / "1.db", create=True) as db:
            reports = [db.import_records(lists[n], source=f"{n}") for n in numbers]
            one, said, stats = exported(db), db.content_digest(), db.stats()
        chance.shuffle(numbers)
        patched.setattr(batches, "BATCH", batch)
        with open_database(folder / "2.db", create=True) as db:
            for n in numbers:
                report = db.import_records(shuffled(lists[n], chance), source=f"{n}")
                same = ("seen", "added", "unchanged", "field_rejects", "warnings")
                for count in same:
                    assert getattr(report, count) == getattr(reports[n], count), count
            assert db.content_digest() == said
            assert exported(db) == one
            assert replace(db.stats(), revision=stats.revision) == stats
            # ... and once more, in yet another order, changes nothing.
            for n in numbers[::-1]:
                items = shuffled(lists[n], chance)
                again = db.import_records(items, source=f"{n}", complete=True)
                assert (again.added, again.superseded, again.withdrawn) == (0, 0, 0)
            assert db.content_digest() == said


@settings(max_examples=40, deadline=None)
@given(
    before=st.lists(records(), max_size=4),
    page=st.lists(records() | deletions, max_size=5),
    seed=st.integers(0, 1000),
)
def test_the_order_within_a_page_of_a_feed_does_not_decide(
    before: list[HashRecord], page: list[HashRecord | Deletion], seed: int
) -> None:
    chance = random.Random(seed)
    found = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(2):
            with open_database(Path(name) / f"{number}.db", create=True) as db:
                db.import_records(before, source="feed")
                items = page if number == 0 else shuffled(page, chance)
                report = db.import_records(items, source="feed")
                found.append(
                    (db.content_digest(), exported(db), report.superseded, report.known_conflicts)
                )
    assert found[0] == found[1]


@settings(max_examples=25, deadline=None)
@given(lists=lists, seed=st.integers(0, 1000))
def test_lists_as_files_say_the_same_as_their_records(
    lists: list[list[HashRecord]], seed: int
) -> None:
    """Our own JSONL, shuffled, with frames and facts."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_database(folder / "1.db", create=True) as db:
            for n, items in enumerate(lists):
                db.import_records(items, source=f"{n}")
            said = db.content_digest()
        with open_database(folder / "2.db", create=True) as db:
            for n, items in reversed(list(enumerate(lists))):
                mixed = [item for item in shuffled(items, chance) if isinstance(item, HashRecord)]
                write_list(mixed, folder / f"{n}.jsonl", format="jsonl")
                report = db.import_file(folder / f"{n}.jsonl", source=f"{n}")
                assert report.rejected == 0
            assert db.content_digest() == said
