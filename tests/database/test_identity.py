"""The partition of statements into media, and the database's upkeep of it, against a model."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from itertools import permutations
from pathlib import Path

import pytest
from database.samples import digests, pdq, record
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.database import Database, batches, open_database
from hashmatch.database.identity import Stated, contradict, partition
from hashmatch.types import Digests, HashRecord, Label

Triple = tuple[int | None, int | None, int | None]

# Few values, so that digests are shared, missing and contradicted all the time.
VALUES = st.none() | st.integers(0, 3)
TRIPLES = st.tuples(VALUES, VALUES, VALUES).filter(lambda triple: triple != (None, None, None))


def model(triples: Iterable[Triple]) -> set[frozenset[Triple]]:
    """The definition, read off the documentation: slow and obvious."""
    groups: set[frozenset[Triple]] = {frozenset((triple,)) for triple in triples}
    for place in (2, 1, 0):  # SHA-256, SHA-1, MD5
        for value in {triple[place] for group in groups for triple in group} - {None}:
            holders = {g for g in groups if any(triple[place] == value for triple in g)}
            together = frozenset(triple for group in holders for triple in group)
            if all(len({t[k] for t in together} - {None}) <= 1 for k in range(3)):
                groups = (groups - holders) | {together}
    return groups


def as_bytes(triple: Triple) -> Stated:
    md5, sha1, sha256 = (None if n is None else bytes((n + 1,)) for n in triple)
    return (md5, sha1, sha256)


def as_digests(triple: Triple) -> Digests:
    return digests(md5=triple[0], sha1=triple[1], sha256=triple[2])


def stored_partition(db: Database) -> set[frozenset[Triple]]:
    """How the database groups the active statements, each known by its record key."""
    with db.snapshot() as view:
        ids = view.connection.exec_driver_sql("SELECT id FROM media WHERE retired_revision IS NULL")
        media = view.media([row[0] for row in ids])
    groups = set()
    for found in media.values():
        members = {parse_key(stored.record_key) for stored in found.opinions}
        assert members, "a live media without statements"
        for k, name in enumerate(("md5", "sha1", "sha256")):
            stated = {triple[k] for triple in members} - {None}
            assert len(stated) <= 1
            number = next(iter(stated), None)
            expected = None if number is None else getattr(digests(**{name: number}), name)
            assert getattr(found.digests, name) == expected
        groups.add(frozenset(members))
    assert sum(map(len, groups)) == len(set().union(*groups)), "a triple in two media"
    return groups


def make_key(triple: Triple) -> str:
    return ",".join("-" if n is None else str(n) for n in triple)


def parse_key(key: str) -> Triple:
    md5, sha1, sha256 = (None if text == "-" else int(text) for text in key.split(","))
    return (md5, sha1, sha256)


def make_record(triple: Triple) -> HashRecord:
    return record(make_key(triple), of=as_digests(triple))


@given(st.lists(TRIPLES, max_size=12))
def test_partition_equals_the_model(triples: list[Triple]) -> None:
    back = {as_bytes(triple): triple for triple in triples}
    found = {
        frozenset(back[stated] for stated in members)
        for _, members in partition([as_bytes(t) for t in triples])
    }
    assert found == model(triples)


@given(st.lists(TRIPLES, max_size=12), st.randoms(use_true_random=False))
def test_the_model_does_not_depend_on_order(triples: list[Triple], random: object) -> None:
    shuffled = list(triples)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert model(shuffled) == model(triples)


@given(TRIPLES, TRIPLES)
def test_contradict_agrees_with_digests(one: Triple, other: Triple) -> None:
    expected = as_digests(one).contradicts(as_digests(other))
    assert contradict(as_bytes(one), as_bytes(other)) is expected


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.lists(TRIPLES, max_size=10), min_size=1, max_size=4),
    st.integers(1, 4),
    st.data(),
)
def test_any_sequence_of_imports_and_withdrawals_keeps_the_partition(
    files: list[list[Triple]], batch: int, data: st.DataObject
) -> None:
    patch = pytest.MonkeyPatch()
    with tempfile.TemporaryDirectory() as folder, patch.context() as patched:
        patched.setattr(batches, "BATCH", batch)
        with open_database(Path(folder) / "x.db", create=True) as db:
            active: dict[str, set[Triple]] = defaultdict(set)
            for number, file in enumerate(files):
                source = f"source {number % 2}"
                complete = data.draw(st.booleans(), label="complete")
                report = db.import_records(map(make_record, file), source=source, complete=complete)
                assert report.seen == report.accepted + report.rejected == len(file)
                active[source] = set(file) if complete else active[source] | set(file)
                assert stored_partition(db) == model(set().union(*active.values()))
            for source, triples in active.items():
                leaving = (
                    data.draw(st.sets(st.sampled_from(sorted(triples, key=str))))
                    if triples
                    else set()
                )
                for triple in sorted(leaving, key=str):
                    assert db.withdraw(source=source, record_key=make_key(triple)) == 1
                active[source] = triples - leaving
                assert stored_partition(db) == model(set().union(*active.values()))


SMALL_CASES: list[list[Triple]] = [
    [(1, None, None), (1, 1, None), (1, 2, None)],  # the second SHA-1 splits the MD5 off
    [(1, None, None), (None, 2, None), (1, 2, None)],  # one record joins two media
    [(1, 1, None), (None, 1, 1), (1, None, 2)],  # SHA-1 decides before MD5
    [(1, 1, 1), (2, 1, 1), (None, None, 1)],  # two files cannot share a SHA-256
]


@pytest.mark.parametrize("triples", SMALL_CASES)
def test_every_order_gives_the_same_media(tmp_path: Path, triples: list[Triple]) -> None:
    for number, order in enumerate(permutations(triples)):
        with open_database(tmp_path / f"{number}.db", create=True) as db:
            for triple in order:  # one import each
                db.import_records([make_record(triple)], source="s")
            assert stored_partition(db) == model(triples)


def test_two_records_of_one_batch_that_fit_a_media_but_not_each_other(db: Database) -> None:
    first: Triple = (1, None, 2)
    both: list[Triple] = [(1, 1, None), (None, 2, 2)]
    db.import_records([make_record(first)], source="s")
    db.import_records(map(make_record, both), source="s")
    expected = {frozenset((first, both[1])), frozenset((both[0],))}
    assert stored_partition(db) == model([first, *both]) == expected


def test_md5_only_statements_leave_a_media_when_a_second_sha1_comes(db: Database) -> None:
    db.import_records(
        [record("plain", of=digests(md5=1)), record("a", of=digests(md5=1, sha1=1))], source="s"
    )
    with db.snapshot() as view:
        (before,) = view.media_by_digests(digests(md5=1))
    report = db.import_records([record("b", of=digests(md5=1, sha1=2))], source="t")
    assert report.md5_conflicts == 1
    with db.snapshot() as view:
        after = view.media_by_digests(digests(md5=1))
    keys = {media.media_id: [o.record_key for o in media.opinions] for media in after}
    assert sorted(keys.values()) == [["a"], ["b"], ["plain"]]
    # The better identified statement keeps the id that was given out before.
    assert keys[before.media_id] == ["a"]
    assert db.stats().md5_conflicts == 1


def test_a_merge_keeps_the_lowest_id_and_names_the_successor(db: Database) -> None:
    db.import_records([record("a", of=digests(md5=1)), record("b", of=digests(sha1=1))], source="s")
    with db.snapshot() as view:
        (first,) = view.media_by_digests(digests(md5=1))
        (second,) = view.media_by_digests(digests(sha1=1))
    assert first.media_id < second.media_id
    report = db.import_records([record("c", of=digests(md5=1, sha1=1))], source="t")
    assert (report.added, report.merged) == (1, 1)
    with db.snapshot() as view:
        (merged,) = view.media_by_digests(digests(sha1=1))
        successor = view.connection.exec_driver_sql(
            "SELECT merged_into, retired_revision FROM media WHERE id = ?", (second.media_id,)
        ).one()
    assert merged.media_id == first.media_id
    assert merged.digests == digests(md5=1, sha1=1)
    assert sorted(o.record_key for o in merged.opinions) == ["a", "b", "c"]
    assert tuple(successor) == (first.media_id, report.revision)


def test_withdrawing_the_link_separates_what_it_joined(db: Database) -> None:
    db.import_records([record("a", of=digests(md5=1), label=Label.CSAM)], source="s")
    db.import_records([record("b", of=digests(sha1=1), label=Label.NON_PERTINENT)], source="s")
    db.import_records([record("c", of=digests(md5=1, sha1=1))], source="t")
    assert db.withdraw(source="t", record_key="c") == 1
    with db.snapshot() as view:
        (first,) = view.media_by_digests(digests(md5=1))
        (second,) = view.media_by_digests(digests(sha1=1))
    assert first.digests == digests(md5=1)
    assert second.digests == digests(sha1=1)
    assert second.label is Label.NON_PERTINENT


def test_many_files_under_one_digest_are_neither_joined_nor_read_again(db: Database) -> None:
    triples: list[Triple] = [(0, n, None) for n in range(50)]
    db.import_records(map(make_record, [(0, None, None), *triples[:25]]), source="s")
    db.import_records(map(make_record, [*triples[25:], (0, None, None)]), source="t")
    assert stored_partition(db) == model([(0, None, None), *triples])
    with db.snapshot() as view:
        plain = [m for m in view.media_by_digests(digests(md5=0)) if m.digests == digests(md5=0)]
    assert [m.sources for m in plain] == [("s", "t")]  # found again among fifty
    assert db.withdraw(source="s", record_key="0,-,-") == 1
    assert db.withdraw(source="t", record_key="0,-,-") == 1
    assert stored_partition(db) == model(triples)
    report = db.import_records(
        map(make_record, triples[:1]), source="t", complete=True, max_withdrawn_share=1.0
    )
    assert report.withdrawn == 25
    assert stored_partition(db) == model(triples[:25])


@pytest.mark.parametrize("at", [0, 1, 7, 20, 39])
def test_a_long_chain_changes_only_near_the_change(db: Database, at: int) -> None:
    # MD5 n is shared by links 2n and 2n+1, SHA-1 n by links 2n-1 and 2n: no bucket contradicts
    # itself, so the chain could be followed to its end.
    def link(n: int) -> Triple:
        return (n // 2, 100 + (n + 1) // 2, None) if n % 3 else (n // 2, None, 200 + n)

    chain = [link(n) for n in range(80)]
    db.import_records(map(make_record, chain), source="s")
    assert stored_partition(db) == model(chain)
    extra: list[Triple] = [(at, 300, None), (at, None, 200 + 6 * (at // 3)), (None, 100 + at, 400)]
    for number in range(1, len(extra) + 1):
        db.import_records([make_record(extra[number - 1])], source="t")
        assert stored_partition(db) == model([*chain, *extra[:number]])
    for number, triple in enumerate(extra):
        db.withdraw(source="t", record_key=make_key(triple))
        assert stored_partition(db) == model([*chain, *extra[number + 1 :]])


def test_records_without_digests_are_one_media_by_their_hashes(db: Database) -> None:
    nothing = digests()
    report = db.import_records(
        [
            record("a", of=nothing, hashes=(pdq(1),)),
            record("b", of=nothing, hashes=(pdq(1, quality=70),)),
            record("c", of=nothing, hashes=(pdq(2), pdq(1))),
            record("d", of=digests(md5=1), hashes=(pdq(1),)),
        ],
        source="s",
    )
    assert (report.added, report.merged) == (4, 1)
    again = db.import_records([record("e", of=nothing, hashes=(pdq(1), pdq(2)))], source="t")
    assert again.merged == 1
    with db.snapshot() as view:
        ids = view.connection.exec_driver_sql("SELECT id FROM media")
        media = view.media([row[0] for row in ids]).values()
    groups = sorted(sorted(o.record_key for o in m.opinions) for m in media)
    assert groups == [["a", "b"], ["c", "e"], ["d"]]
