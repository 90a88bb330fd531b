"""One medium's page: what views show of it, and what they no longer show."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from database.histories import HISTORIES, Act
from database.samples import digests, pdq, record
from hypothesis import HealthCheck, given, settings

from hashmatch.database import Database, Dossier, open_database
from hashmatch.errors import InputError
from hashmatch.types import Digests, Label, Sighting

ICSE = "INTERPOL ICSE"


def the_page(db: Database, of: Digests) -> Dossier:
    (page,) = db.show(of)
    return page


def label_at(page: Dossier, what: str, revision: int) -> str | None:
    last = [e.after for e in page.history if e.what == what and e.revision <= revision]
    return last[-1] if last else None


def pages_tell_what_views_told(opened: Database, history: list[Act]) -> None:
    with opened as db:
        for act in history:
            act(db)
        with db.snapshot() as view:
            ids = [media_id for block in view.live_media(block=50) for media_id in block]
            media, hashes = view.media(ids), view.hashes_of(ids)
        assert ids
        for media_id in ids:
            (page,) = db.show(media_id=media_id)
            assert page.media == media[media_id]
            active = sorted(record.stored.order for record in page.opinions if record.active)
            assert active == [stored.order for stored in media[media_id].opinions]
            stated = Counter((h.source, h.value) for h in page.hashes if h.active)
            assert stated == Counter(hashes.get(media_id, []))
            assert [s.source for s in page.sources if s.until_revision is None] == [
                *media[media_id].sources
            ]
            assert json.loads(json.dumps(page.to_dict())) == page.to_dict()
            if page.former_ids:
                continue
            for revision in range(db.revision + 1):
                with db.snapshot(as_of=revision) as view:
                    then = view.media([media_id]).get(media_id)
                label = then and then.label and then.label.value
                assert label_at(page, "label", revision) == (label or None)
                baseline = {True: "yes", False: "no", None: None}[then.baseline if then else None]
                assert label_at(page, "baseline", revision) == baseline


HOLDS = HISTORIES.map(lambda acts: [*acts, _hold])


def _hold(db: Database) -> None:
    db.import_records([record("hold", of=digests(sha256=9))], source="hold")


@settings(max_examples=25)
@given(history=HOLDS)
def test_pages_of_a_file(history: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pages_tell_what_views_told(open_database(Path(folder) / "a.db", create=True), history)


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HOLDS)
def test_pages(open_new: Callable[..., Database], history: list[Act]) -> None:
    pages_tell_what_views_told(open_new(), history)


def test_since_when_each_source_has_it(database: Database) -> None:
    db = database
    db.import_records([record("a")], source="national")
    db.import_records([record("x")], source=ICSE)
    # Stated anew is no gap; withdrawn and said again later is one.
    db.import_records([record("a", label=Label.CGI)], source="national")
    db.withdraw(source=ICSE, record_key="x")
    db.import_records([record("q", of=digests(md5=5))], source="other")
    db.import_records([record("x")], source=ICSE)
    db.import_records([record("g")], source="gone")
    db.withdraw(source="gone", record_key="g")
    page = the_page(db, digests(sha1=1))
    spans = {s.source: (s.since_revision, s.until_revision) for s in page.sources}
    assert spans == {ICSE: (6, None), "national": (1, None), "gone": (7, 8)}
    assert all(s.since is not None for s in page.sources)
    reasons = [(r.stored.source, r.withdrawn_reason, r.withdrawn_revision) for r in page.opinions]
    assert reasons == [
        (ICSE, None, None),
        ("national", None, None),
        ("gone", "withdrawn", 8),
        (ICSE, "withdrawn", 4),
        ("national", "superseded", 3),
    ]


def test_hashes_sightings_and_why_not(database: Database) -> None:
    seen = (Sighting(case="B", file_name="x.jpg", extra={"k": "v"}),)
    database.import_records([record("a", hashes=(pdq(1), pdq(2, 10)), seen_at=seen)], source="s")
    page = the_page(database, digests(sha1=1))
    assert {(h.value, h.matchable, h.reason) for h in page.hashes} == {
        (pdq(1), True, None),
        (pdq(2, 10), False, "low quality"),
    }
    (sighting,) = page.sightings
    assert (sighting.place, sighting.source, sighting.record_key) == (seen[0], "s", "a")
    assert (sighting.first_revision, sighting.active) == (1, True)


def test_merged_and_separated(database: Database) -> None:
    db = database
    db.import_records([record("m", of=digests(md5=1))], source="s")
    db.import_records([record("h", of=digests(sha1=1), label=Label.CGI)], source="s")
    db.withdraw(source="s", record_key="h")
    db.import_records([record("n", of=digests(sha1=1), label=Label.CGI)], source="s")
    db.import_records([record("both", of=digests(md5=1, sha1=1))], source="t")
    page = the_page(db, digests(sha1=1))
    assert (page.media.media_id, page.live) == (1, True)
    assert {record.stored.record_key for record in page.opinions} == {"m", "h", "n", "both"}
    moves = [(e.revision, e.what, e.media_id) for e in page.history if e.media_id is not None]
    assert (5, "merged", page.former_ids[-1]) in moves
    (merged,) = db.show(media_id=page.former_ids[-1])
    assert (merged.live, merged.merged_into) == (False, 1)
    assert (5, "merged into", 1) in [(e.revision, e.what, e.media_id) for e in merged.history]
    db.withdraw(source="t", record_key="both")
    pages = {p.media.media_id: p for of in (digests(md5=1), digests(sha1=1)) for p in db.show(of)}
    assert len(pages) == 2
    one, other = sorted(pages)
    whats = {(e.what, e.media_id) for p in pages.values() for e in p.history if e.revision == 6}
    assert ("separated", other) in whats
    assert ("separated from", one) in whats


def test_what_nobody_says_any_more_is_found(database: Database) -> None:
    db = database
    db.import_records([record("a", hashes=(pdq(1),))], source="s")
    db.withdraw(source="s", record_key="a")
    page = the_page(db, digests(md5=1))
    assert (page.live, page.media.opinions, len(page.opinions)) == (False, (), 1)
    assert [e.after for e in page.history if e.what == "label"] == ["csam", None]
    # Said again, it is one page still.
    db.import_records([record("b", of=digests(sha1=1))], source="s")
    page = the_page(db, digests(sha1=1))
    assert (page.live, page.former_ids) == (True, (1,))
    assert [r.stored.record_key for r in page.opinions] == ["b", "a"]
    assert list(db.show(digests(sha1=7))) == []


@pytest.mark.parametrize("arguments", [{}, {"digests": Digests(), "media_id": 1}])
def test_wrong_arguments(db: Database, arguments: dict[str, object]) -> None:
    with pytest.raises(InputError, match="digests or media_id: expected one of them"):
        db.show(**arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="expected the id of one in the database, got 7"):
        list(db.show(media_id=7))
