"""Any sequence of acts against a plain Python model, on both systems: now and at each revision."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from database.samples import digests, record
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from reference.national_model import Media, NationalModel, Triple

from hashmatch.database import Database, SnapshotView, open_database
from hashmatch.exchange import open_reader
from hashmatch.types import Deletion, Digests, HashRecord, Label

SOURCES = st.sampled_from(["hotline", "police", "INTERPOL ICSE"])
KEYS = st.sampled_from("uvwxyz")
NUMBERS = st.none() | st.integers(1, 3)
TRIPLES = st.tuples(NUMBERS, NUMBERS, NUMBERS).filter(any)
LABELS = st.sampled_from([Label.CSAM, Label.CGI, Label.NON_PERTINENT])
ENTRIES = st.lists(st.tuples(KEYS, TRIPLES, LABELS), max_size=5)
Entry = tuple[str, Triple, Label]


def as_digests(triple: Triple) -> Digests:
    return digests(md5=triple[0], sha1=triple[1], sha256=triple[2])


NUMBER_OF = {
    getattr(digests(**{name: n}), name): n for name in ("md5", "sha1", "sha256") for n in (1, 2, 3)
}


def as_triple(stated: Digests) -> Triple:
    known = dict(stated.items())
    md5, sha1, sha256 = (
        NUMBER_OF[known[name]] if name in known else None for name in ("md5", "sha1", "sha256")
    )
    return (md5, sha1, sha256)


def records(entries: list[Entry]) -> list[HashRecord]:
    return [record(key, of=as_digests(triple), label=label) for key, triple, label in entries]


def media_of(view: SnapshotView) -> frozenset[Media]:
    """What the view says of every digest that there can be."""
    found: dict[int, Media] = {}
    for n in (1, 2, 3):
        for name in ("md5", "sha1", "sha256"):
            for media in view.media_by_digests(digests(**{name: n})):
                said = frozenset(
                    (s.source, s.record_key, as_triple(s.digests), s.opinion.label.value)
                    for s in media.opinions
                )
                assert found.setdefault(media.media_id, said) == said
                union = {one[2] for one in said}
                for place, value in enumerate(as_triple(media.digests)):
                    assert {t[place] for t in union} - {None} == {value} - {None}
                severities = [s.opinion.label.severity for s in media.opinions]
                assert media.label is not None
                assert media.label.severity == max(severities)
    return frozenset(found.values())


class NationalMachine(RuleBasedStateMachine):
    """``new_database`` is set by the test."""

    new_database: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.model = NationalModel()
        self.last: tuple[str, list[Entry]] | None = None
        self.db: Database | None = None

    @initialize()
    def create(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.db = open_database(type(self).new_database(), create=True)

    def teardown(self) -> None:
        if self.db is not None:
            assert self.db.verify_audit() > 0
            assert self.db.check_integrity().sound
            self.db.close()
            self.folder.cleanup()

    def _import(self, source: str, entries: list[Entry], *, complete: bool = False) -> None:
        assert self.db is not None
        before = self.model.revision
        self.model.take(source, entries, complete=complete)
        report = self.db.import_records(
            records(entries), source=source, complete=complete, max_withdrawn_share=1.0
        )
        assert report.changed == (self.model.revision > before)
        assert report.seen == len(entries) == report.added + report.unchanged

    @rule(source=SOURCES, entries=ENTRIES)
    def delta(self, source: str, entries: list[Entry]) -> None:
        self._import(source, entries)
        self.last = (source, entries)

    @rule(source=SOURCES, entries=ENTRIES)
    def complete_list(self, source: str, entries: list[Entry]) -> None:
        self._import(source, entries, complete=True)
        self.last = (source, entries)

    @precondition(lambda self: self.last is not None)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """The last list, in another order: nothing changes."""
        assert self.db is not None
        assert self.last is not None
        source, entries = self.last
        shuffled = data.draw(st.permutations(entries))
        before, revision = self.db.content_digest(), self.db.revision
        self._import(source, list(shuffled))
        assert (self.db.content_digest(), self.db.revision) == (before, revision)

    @rule(source=SOURCES, gone=st.lists(KEYS, max_size=2), entries=ENTRIES)
    def feed(self, source: str, gone: list[str], entries: list[Entry]) -> None:
        assert self.db is not None
        page = [Deletion(key, 1, "gone", "") for key in gone]
        self.model.take(source, entries, deleted=gone)
        self.db.import_records([*page, *records(entries)], source=source)
        self.last = None  # a page again would withdraw what came between

    @rule(source=SOURCES, key=KEYS)
    def withdraw(self, source: str, key: str) -> None:
        assert self.db is not None
        if source in self.db.stats().by_source:
            self.model.withdraw(source, key)
            self.db.withdraw(source=source, record_key=key)
            self.last = None

    @rule(data=st.data())
    def earlier(self, data: st.DataObject) -> None:
        assert self.db is not None
        revision = data.draw(st.integers(0, self.model.revision))
        with self.db.snapshot(as_of=revision) as view:
            assert media_of(view) == self.model.at(revision)

    @rule()
    def export(self) -> None:
        assert self.db is not None
        path = Path(self.folder.name) / f"{self.db.verify_audit()}.jsonl"
        self.db.export_file(path, format="jsonl")
        with open_reader(path) as reader:
            exported = [item for item in reader if isinstance(item, HashRecord)]
        unions = []
        for media in self.model.at(self.model.revision):
            known: list[Any] = [None, None, None]
            for _, _, triple, _ in media:
                known = [
                    mine if mine is not None else k for mine, k in zip(triple, known, strict=True)
                ]
            unions.append(tuple(known))
        found = [as_triple(one.digests) for one in exported]
        assert sorted(found, key=repr) == sorted(unions, key=repr)

    @invariant()
    def agrees(self) -> None:
        if self.db is None:
            return
        assert self.db.revision == self.model.revision
        with self.db.snapshot() as view:
            assert media_of(view) == self.model.at(self.model.revision)


@pytest.mark.parametrize("steps", [12])
def test_any_history(backend: str, new_url: Callable[[], str], steps: int) -> None:
    numbers = iter(range(10_000))

    def new_database() -> str:
        url = new_url()
        return url if backend != "sqlite" else f"{url}.{next(numbers)}"

    machine = type("Machine", (NationalMachine,), {"new_database": staticmethod(new_database)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25 if backend == "sqlite" else 8,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
        ),
    )
