"""What readers see: views, conflicts, any text, one revision."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from database.samples import digests, many_records, pdq, photodna, record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashmatch.database import Database, MediaView, StoredOpinion
from hashmatch.errors import HashFormatError
from hashmatch.types import Digests, HashRecord, Label, MediaKind, Opinion, Reject

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
NASTY = [
    "'; DROP TABLE opinion; --",
    '" OR ""="',
    "%_\\?:name",
    "a\0b",
    "\x1a0000",
    "\ud83d",
    "\ud83d\ude00",
    "x" * 10_000,
    "",
    "=cmd|' /C calc'!A0",
]


def the_media(db: Database, of: Digests) -> MediaView:
    with db.snapshot() as view:
        (media,) = view.media_by_digests(of)
    return media


def test_a_record_comes_back_as_it_was(db: Database) -> None:
    given_record = record(
        "key 1",
        of=digests(md5=1, sha1=1, sha256=1),
        kind=MediaKind.VIDEO,
        mime="video/mp4",
        size=12,
        extra={"a": "1"},
        opinion={
            "baseline": False,
            "victim_identified": True,
            "offender_identified": False,
            "submissions": 4,
            "series": ("S, 1", "S2"),
            "tags": ("t",),
            "updated_raw": "2023-06-07T02:31:49.8300Z",
        },
    )
    before = datetime.now(UTC)
    db.import_records([given_record], source="INTERPOL ICSE")
    media = the_media(db, digests(sha256=1))
    (stored,) = media.opinions
    assert stored.opinion == given_record.opinion
    assert (stored.source, stored.record_key) == ("INTERPOL ICSE", "key 1")
    assert (media.kind, media.mime, media.size) == (MediaKind.VIDEO, "video/mp4", 12)
    assert stored.extra == {"a": "1"}
    assert stored.digests == media.digests == given_record.digests
    assert (stored.first_revision, stored.snapshot_id, stored.file_name) == (1, 1, None)
    assert before <= stored.imported_at <= datetime.now(UTC)


KEY = 100
"""Characters of a text that serve as a key: a longer one than 1,000 bytes is refused."""


def text_record(text: str) -> HashRecord:
    return record(
        text[:KEY],
        mime=text,
        extra={text: text},
        rejects=(Reject(1, text, text, text, False),),
        opinion={
            "scheme": text,
            "raw_category": text,
            "series": (text, text),
            "tags": (text,),
            "updated_raw": text,
        },
    )


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_any_text_is_stored_and_returned_identically(db: Database, text: str) -> None:
    source = text[:KEY] if text.strip() else "s"
    given_record = text_record(text)
    first = db.import_records([given_record], source=source, scheme=text, actor=text)
    again = db.import_records([given_record], source=source, scheme=text, actor=text)
    assert (first.added, again.added, again.unchanged) == (1, 0, 1)
    (stored,) = the_media(db, digests(md5=1)).opinions
    assert stored.opinion == given_record.opinion
    assert (stored.source, stored.record_key, stored.mime) == (source, text[:KEY], text)
    assert stored.extra == {text: text}
    assert db.stats().by_source == {source: 1}
    assert db.withdraw(source=source, record_key=text[:KEY], reason=text, actor=text) == 1
    assert db.verify_audit() == 4


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(one=ANY_TEXT, other=ANY_TEXT)
def test_different_texts_are_different_content(db: Database, one: str, other: str) -> None:
    source = f"source {db.stats().snapshots}"
    report = db.import_records([text_record(one), text_record(other)], source=source)
    assert report.added == (1 if one == other else 2)


def test_the_most_severe_opinion_wins_and_the_conflict_shows(db: Database) -> None:
    db.import_records([record("a", label=Label.NON_PERTINENT)], source="hotline")
    db.import_records([record("b", label=Label.CSAM)], source="police")
    media = the_media(db, digests(md5=1))
    assert (media.label, media.conflict) == (Label.CSAM, True)
    assert media.sources == ("hotline", "police")
    assert [o.source for o in media.opinions] == ["police", "hotline"]
    assert db.stats().conflicts == 1
    db.withdraw(source="hotline", record_key="a")
    media = the_media(db, digests(md5=1))
    assert (media.label, media.conflict) == (Label.CSAM, False)
    assert db.stats().conflicts == 0


LABELS = st.sampled_from(list(Label))
SAID = st.tuples(st.sampled_from("abc"), LABELS, st.sampled_from([None, True, False]))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=st.lists(SAID, min_size=1, max_size=5, unique=True))
def test_statistics_count_the_conflicts_that_views_show(
    db: Database, said: list[tuple[str, Label, bool | None]]
) -> None:
    for name in "abc":
        db.import_records([], source=name, complete=True)
    for number, (source, label, baseline) in enumerate(said):
        db.import_records(
            [record(f"{number}", label=label, opinion={"baseline": baseline})], source=source
        )
    media = the_media(db, digests(md5=1))
    expected = any(
        (one[1] != other[1] and Label.UNCATEGORIZED not in (one[1], other[1]))
        or (one[2] is True and other[1] in (Label.NON_PERTINENT, Label.KNOWN_IGNORABLE))
        for one in said
        for other in said
        if one[0] != other[0]
    )
    assert media.conflict is expected
    assert db.stats().conflicts == int(expected)
    assert media.label is max((label for _, label, _ in said), key=lambda label: label.severity)
    baselines = {baseline for _, _, baseline in said}
    assert media.baseline is (True if True in baselines else False if False in baselines else None)


def test_a_media_without_opinions_has_no_label() -> None:
    media = MediaView(1, digests(md5=1), ())
    assert (media.label, media.baseline, media.conflict, media.sources) == (None, None, False, ())
    assert (media.kind, media.mime, media.size) == (MediaKind.UNKNOWN, None, None)


def test_every_media_that_shares_a_digest_is_returned(db: Database) -> None:
    db.import_records(
        [
            record("a", of=digests(md5=1, sha1=1)),
            record("b", of=digests(md5=1, sha1=2)),
            record("c", of=digests(sha256=3)),
            record("d", of=digests(md5=4)),
        ],
        source="s",
    )
    wanted = digests(md5=1, sha1=2, sha256=3)
    with db.snapshot() as view:
        media = view.media_by_digests(wanted)
        assert view.media_by_digests(Digests()) == []
        with pytest.raises(HashFormatError):
            view.media_by_digests(Digests(md5="12"))
    assert [m.media_id for m in media] == sorted(m.media_id for m in media)
    contradicts = {m.opinions[0].record_key: m.digests.contradicts(wanted) for m in media}
    assert contradicts == {"a": True, "b": False, "c": False}


def test_hash_ids_lead_to_hash_media_and_source(db: Database) -> None:
    db.import_records([record("a", hashes=(pdq(1, 77), photodna(1)))], source="s")
    db.import_records([record("b", hashes=(pdq(1, 77),), label=Label.CGI)], source="t")
    with db.snapshot() as view:
        hits = view.media_by_hash_ids([1, 2, 3, 99])
    assert sorted(hits) == [1, 2, 3]
    assert hits[1].hash == pdq(1, 77)
    assert hits[2].hash == photodna(1)
    assert [hits[n].source for n in (1, 2, 3)] == ["s", "s", "t"]
    assert hits[1].media == hits[3].media
    assert len(hits[1].media.opinions) == 2
    db.withdraw(source="s", record_key="a")
    with db.snapshot() as view:
        hits = view.media_by_hash_ids([1, 2, 3])
        assert list(hits) == [3]
        assert [o.source for o in hits[3].media.opinions] == ["t"]


def test_many_ids_are_looked_up_in_one_call(db: Database) -> None:
    db.import_records(many_records(700), source="s")
    with db.snapshot() as view:
        hits = view.media_by_hash_ids(range(40_000))
    assert len(hits) == 1400


def test_a_reader_sees_one_revision_while_a_writer_commits(db: Database) -> None:
    db.import_records([record("a")], source="s")
    with db.snapshot() as view:
        db.import_records([record("b", label=Label.CGI)], source="t")
        db.withdraw(source="s", record_key="a")
        assert view.revision == 1
        (media,) = view.media_by_digests(digests(md5=1))
        assert [o.source for o in media.opinions] == ["s"]
    assert db.revision == 3
    assert the_media(db, digests(md5=1)).sources == ("t",)


def test_threads_read_whole_revisions_while_one_writes(db: Database) -> None:
    """Each import adds one statement to both media: a reader must see equal numbers."""
    stop, wrong, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            with db.snapshot() as view:
                counts = [
                    sum(len(m.opinions) for m in view.media_by_digests(digests(md5=n)))
                    for n in (1, 2)
                ]
                seen.add(view.revision)
                if counts != [view.revision, view.revision]:
                    wrong.append((view.revision, counts))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(20):
            db.import_records(
                [record("a", of=digests(md5=1)), record("b", of=digests(md5=2))],
                source=f"s{number}",
            )
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert wrong == []
    assert seen <= set(range(21))


def test_threads_import_at_the_same_time(db: Database) -> None:
    def write(number: int) -> None:
        for turn in range(3):
            db.import_records(
                [record(f"{turn}", of=digests(md5=turn, sha1=number))], source=f"s{number}"
            )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    stats = db.stats()
    assert (stats.revision, stats.opinions, stats.snapshots) == (12, 12, 12)
    assert db.verify_audit() == 13


def test_the_order_of_opinions_is_the_documented_one() -> None:
    def stored(source: str, key: str, label: Label) -> StoredOpinion:
        return StoredOpinion(
            source=source,
            record_key=key,
            opinion=Opinion("s", None, label),
            kind=MediaKind.UNKNOWN,
            mime=None,
            size=None,
            digests=Digests(),
            extra={},
            file_name=None,
            snapshot_id=1,
            last_snapshot_id=1,
            first_revision=1,
            imported_at=datetime.now(UTC),
            content="",
        )

    expected = [
        stored("b", "1", Label.CSAM),
        stored("a", "1", Label.CGI),
        stored("a", "2", Label.CGI),
        stored("a", "1", Label.KNOWN_IGNORABLE),
    ]
    shuffled = [expected[n] for n in (3, 1, 0, 2)]
    assert sorted(shuffled, key=lambda o: o.order) == expected
