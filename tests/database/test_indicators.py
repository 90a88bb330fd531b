"""The indicators count what views show."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from database.histories import HISTORIES, Act
from database.samples import digests, pdq, record
from hypothesis import HealthCheck, given, settings

from hashmatch.database import Database, MediaView, open_database
from hashmatch.database.indicating import read_indicators
from hashmatch.store import run
from hashmatch.types import Label

BASELINES = {True: "yes", False: "no", None: "unknown"}


def of_two(media: MediaView, one: str, other: str) -> MediaView:
    opinions = tuple(s for s in media.opinions if s.source in (one, other))
    return MediaView(media.media_id, media.digests, opinions)


def counted(db: Database) -> dict[str, Any]:
    """The same from views, the obvious way."""
    with db.snapshot() as view:
        ids = [media_id for block in view.live_media(block=100) for media_id in block]
        media = view.media(ids)
        hashes = {
            (hit.hash.algorithm, hit.media.media_id)
            for hash_id, hit in view.media_by_hash_ids(range(200)).items()
            if run(
                view.connection, "SELECT matchable FROM hash WHERE id = ?", (hash_id,)
            ).scalar_one()
        }
    sources: Counter[str] = Counter(dict.fromkeys(db.stats().by_source, 0))
    overlaps: Counter[tuple[str, str]] = Counter()
    conflicts: Counter[tuple[str, str]] = Counter()
    for found in media.values():
        sources.update(found.sources)
        for pair in combinations(found.sources, 2):
            overlaps[pair] += 1
            conflicts[pair] += of_two(found, *pair).conflict
    return {
        "labels": Counter(str(found.label) for found in media.values()),
        "kinds": Counter(found.kind.value for found in media.values()),
        "baselines": Counter(BASELINES[found.baseline] for found in media.values()),
        "sources": sources,
        "overlaps": overlaps,
        "conflicts": +conflicts,
        "only_one_source": sum(len(found.sources) == 1 for found in media.values()),
        "coverage": dict(Counter(algorithm for algorithm, _ in hashes)),
    }


def counts_what_views_show(opened: Database, history: list[Act]) -> None:
    with opened as db:
        for act in history:
            act(db)
        found = db.indicators()
        expected = counted(db)
        coverage = expected.pop("coverage")
        assert {name: getattr(found.media, name) for name in expected} == expected
        assert found.coverage == coverage
        stats = db.stats()
        assert (found.revision, found.content_digest) == (stats.revision, db.content_digest())
        assert sum(found.media.months.values()) == stats.media
        assert set(found.media.months) <= {datetime.now(UTC).strftime("%Y-%m")}
        not_matchable = {
            name: counts.not_matchable
            for name, counts in stats.hashes.items()
            if counts.not_matchable
        }
        assert found.not_matchable == not_matchable


@settings(max_examples=30)
@given(history=HISTORIES)
def test_counts_of_a_file(history: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        counts_what_views_show(open_database(Path(folder) / "a.db", create=True), history)


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_counts(open_new: Callable[..., Database], history: list[Act]) -> None:
    counts_what_views_show(open_new(), history)


def test_lists_matches_and_known_sets(database: Database) -> None:
    db = database
    db.import_records([record("a")], source="one", complete=True)
    db.import_records([record("b")], source="two")
    db.import_records([record("b")], source="two")
    for alert in ("BASELINE", "OTHER", "BASELINE"):
        db.record_audit("check", {"alert": alert})
    db.record_audit("check", {})
    db.record_audit("export", {"alert": "OTHER"})
    with db._store.writing() as connection:
        run(
            connection,
            "INSERT INTO known_set (id, name, list_name, list_sha256, records, actor, added_at, "
            "overlap, files) VALUES (1, 'NSRL', 'x', ?, 7, 'me', '', 2, '{}')",
            (b"",),
        )
    with db.snapshot() as view:
        now = datetime.now(UTC) + timedelta(days=40, minutes=1)
        found = read_indicators(view.connection, now=now)
    assert {name: (age.days, age.complete, age.file_name) for name, age in found.lists.items()} == {
        "one": (40, True, None),
        "two": (40, False, None),
    }
    month = datetime.now(UTC).strftime("%Y-%m")
    assert found.matches == {month: {"BASELINE": 2, "OTHER": 1, "unknown": 1}}
    assert found.known_sets == {"NSRL": {"records": 7, "overlap": 2}}
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    rows = {row[:3]: row[3] for row in found.rows()}
    assert len(rows) == len(list(found.rows()))
    assert rows["days_since_import", "one", ""] == 40
    assert rows["overlaps", "one", "two"] == 1
    assert rows["known_sets", "NSRL", "overlap"] == 2
    assert rows["matches_by_month", month, "BASELINE"] == 2


def test_a_media_was_first_known_when_the_first_list_had_it(db: Database) -> None:
    db.import_records([record("a", hashes=(pdq(1),))], source="s")
    db.import_records([record("b", of=digests(md5=2))], source="s")
    with db._store.writing() as connection:
        at = "2020-02-01T00:00:00.000000+00:00"
        run(connection, "UPDATE revision_log SET at = ? WHERE revision = 1", (at,))
    # Stated anew later, and by another list.
    db.import_records([record("a", label=Label.CGI)], source="s")
    db.import_records([record("c")], source="t")
    assert db.indicators().media.months == {
        "2020-02": 1,
        datetime.now(UTC).strftime("%Y-%m"): 1,
    }
