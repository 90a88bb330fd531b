"""Hashes of a video's frames and facts about what is depicted: in, consolidated, and out again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from database.samples import digests, pdq, photodna, record

from hashmatch.database import Database, ExportFilter, HashLookup, open_database
from hashmatch.database.exporting import consolidated_records
from hashmatch.facts import NO_FACTS, Act, Age, Facts, Nature, Sex
from hashmatch.types import HashRecord, HashValue, Label

FACTS = Facts(Nature.REAL, Age.INFANT, Sex.BOTH, Act.PENETRATIVE)


def at(seed: int, frame: int | None, time_s: float | None, quality: int = 90) -> HashValue:
    return replace(pdq(seed, quality), frame=frame, time_s=time_s)


VIDEO = (
    at(9, 0, 0.0),
    at(1, 30, 1.001),
    at(9, 60, 2.002, 80),
    at(9, None, 3.5),
    at(9, 7, None),
    pdq(9, 70),
    photodna(3),
)


def exported(db: Database) -> list[HashRecord]:
    with db.snapshot() as view:
        return list(consolidated_records(view, ExportFilter()))


def stored_hashes(db: Database) -> set[HashValue]:
    with db.snapshot() as view:
        (media,) = view.media_by_digests(digests(md5=1))
        return {value for _, value in view.hashes_of([media.media_id])[media.media_id]}


def test_one_value_may_stand_at_several_frames(db: Database) -> None:
    report = db.import_records([record("v", hashes=(*VIDEO, *VIDEO))], source="s")
    assert report.added == 1
    assert stored_hashes(db) == set(VIDEO)
    counts = db.stats().hashes
    assert (counts["pdq"].matchable, counts["photodna"].matchable) == (6, 1)


def test_the_best_quality_of_one_frame_stays(db: Database) -> None:
    hashes = (at(1, 3, 0.5, 60), at(1, 3, 0.5, 95), replace(at(1, 3, 0.5), quality=None))
    db.import_records([record("v", hashes=hashes)], source="s")
    assert stored_hashes(db) == {at(1, 3, 0.5, 95)}


def test_a_hit_says_at_which_frame(db: Database) -> None:
    db.import_records([record("v", hashes=VIDEO)], source="s")
    lookup = HashLookup(db)
    with db.snapshot() as view:
        lookup.catch_up(view)
        query = np.frombuffer(pdq(9).value, np.uint8).reshape(1, 32)
        found = lookup.range_search(query, 0)
        hits = view.media_by_hash_ids(found.ids)
    assert {hit.hash for hit in hits.values()} == {h for h in VIDEO if h.value == pdq(9).value}


@pytest.mark.parametrize(
    ("frame", "time_s", "reasons"),
    [
        (-1, 0.0, {"frame out of range"}),
        (2**63, 0.0, {"frame out of range"}),
        (0, -0.5, {"time out of range"}),
        (0, float("nan"), {"time out of range"}),
        (0, float("inf"), {"time out of range"}),
        (-1, float("-inf"), {"frame out of range", "time out of range"}),
    ],
)
def test_places_that_no_video_has_are_refused_and_the_hash_stays(
    db: Database, frame: int, time_s: float, reasons: set[str]
) -> None:
    report = db.import_records([record("v", hashes=(at(1, frame, time_s),))], source="s")
    assert (report.accepted, set(report.reject_reasons)) == (1, reasons)
    (value,) = stored_hashes(db)
    assert (value.value, value.quality) == (pdq(1).value, 90)
    assert value.frame == (None if "frame out of range" in reasons else frame)
    assert value.time_s == (None if "time out of range" in reasons else time_s)


def test_numbers_of_any_size_come_back_exactly(db: Database) -> None:
    hashes = (at(1, 2**63 - 1, 1e300), at(1, 2**53 + 1, 0.1 + 0.2), at(2, 0, 5e-324))
    db.import_records([record("v", hashes=hashes)], source="s")
    assert stored_hashes(db) == set(hashes)


def test_a_negative_zero_is_a_zero(db: Database) -> None:
    one, other = (record("v", hashes=(at(1, 0, time),)) for time in (0.0, -0.0))
    db.import_records([one], source="s")
    assert db.import_records([other], source="s").unchanged == 1


def test_each_frame_time_and_fact_is_content(db: Database) -> None:
    variants = [
        record("k", hashes=(pdq(1, 90),)),
        record("k", hashes=(at(1, 0, None),)),
        record("k", hashes=(at(1, None, 0.0),)),
        record("k", hashes=(at(1, 0, 0.0),)),
        record("k", hashes=(at(1, 1, 0.0),)),
        record("k", hashes=(at(1, 0, 1.0),)),
        record("k", hashes=(at(1, 0, 0.0), at(1, 1, 0.0))),
        record("k", hashes=(at(1, 0, 0.0), pdq(1, 90))),
        record("k", hashes=(at(1, 0, 0.0), at(2, 1, 1.0))),
        record("k", hashes=(at(1, 1, 1.0), at(2, 0, 0.0))),
        *(
            record("k", opinion={"facts": facts})
            for facts in (
                NO_FACTS,
                Facts(nature=Nature.DRAWN),
                Facts(nature=Nature.CGI),
                Facts(age=Age.DIFFICULT),
                Facts(sex=Sex.MALE),
                Facts(act=Act.NONE),
                Facts(nature=Nature.CGI, age=Age.DIFFICULT),
                FACTS,
            )
        ),
        record("k", opinion={"facts": FACTS}, hashes=(at(1, 0, 0.0),)),
    ]
    report = db.import_records(variants, source="s")
    assert (report.added, report.unchanged) == (len(variants), 0)
    again = db.import_records(variants[::-1], source="s", complete=True)
    assert (again.unchanged, again.superseded) == (len(variants), 0)


def test_facts_come_back(db: Database) -> None:
    db.import_records([record("a", opinion={"facts": FACTS})], source="s")
    (found,) = exported(db)
    assert found.opinion.facts == FACTS


def test_facts_of_the_most_severe_opinion_and_gaps_filled(db: Database) -> None:
    """Each fact for itself, as flags are."""
    said = {
        "a": (Label.CGI, Facts(age=Age.ADULT, sex=Sex.MALE)),
        "b": (Label.CSAM, Facts(act=Act.SADISM_OR_ANIMAL, age=Age.PREPUBESCENT)),
        "c": (Label.CSAM, Facts(act=Act.NONE, nature=Nature.REAL)),
        "d": (Label.UNCATEGORIZED, NO_FACTS),
    }
    for name, (label, facts) in said.items():
        db.import_records([record(name, label=label, opinion={"facts": facts})], source=name)
    (found,) = exported(db)
    assert found.opinion.label is Label.CSAM
    assert found.opinion.facts == Facts(
        Nature.REAL, Age.PREPUBESCENT, Sex.MALE, Act.SADISM_OR_ANIMAL
    )


def test_hashes_go_out_in_the_order_of_the_video(db: Database) -> None:
    db.import_records([record("v", hashes=VIDEO[::-1])], source="s")
    (found,) = exported(db)
    places = [(h.frame, h.time_s) for h in found.hashes if h.algorithm == "pdq"]
    assert places == [(None, None), (None, 3.5), (0, 0.0), (7, None), (30, 1.001), (60, 2.002)]
    assert set(found.hashes) == set(VIDEO)


def test_a_round_trip_over_jsonl_says_the_same(db: Database, tmp_path: Path) -> None:
    opinion = {"facts": FACTS, "series": ("S",)}
    db.import_records(
        [
            record("v", hashes=VIDEO, opinion=opinion),
            record("w", of=digests(), hashes=VIDEO[:3]),
            record("x", of=digests(sha256=2), opinion={"facts": Facts(nature=Nature.CGI)}),
        ],
        source="hotline",
    )
    before = exported(db)
    db.export_file(tmp_path / "1.jsonl", format="jsonl")
    digests_after = []
    for number in (1, 2):
        with open_database(tmp_path / f"{number}.db", create=True) as other:
            report = other.import_file(tmp_path / f"{number}.jsonl", source="hotline")
            assert (report.accepted, report.rejected, report.field_rejects) == (3, 0, 0)
            digests_after.append(other.content_digest())
            assert exported(other) == before
            other.export_file(tmp_path / f"{number + 1}.jsonl", format="jsonl")
    assert digests_after[0] == digests_after[1]
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "3.jsonl").read_bytes()
