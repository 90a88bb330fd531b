"""Answers as JSON: these keys are promised (docs/json.md)."""

from __future__ import annotations

import json
from typing import Any

from known_media import digests_of, record
from pictures import photograph, png

from hashmatch.database import Database
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import Checker

PIXELS = photograph(71)

RESULT = [
    *("schema", "status", "alert", "conflict", "reason", "matches", "fingerprint"),
    *("query_hashes", "query_digests", "n_variants", "n_entries", "revision", "checked_at"),
    *("policy", "known_sets", "n_excluded", "policy_digest", "n_comparisons", "cost_ms", "gates"),
]
MATCH = [
    *("kind", "status", "alert", "algorithm", "query_value", "stored_value", "distance"),
    *("threshold", "variant", "variant_exact", "query_quality", "stored_quality"),
    *("expected_false_matches", "contradicting", "asserted_by", "reason"),
    *("placement", "refined_from", "adjusted_distance"),
    *("stored_frame", "stored_time_s", "query_time_ms", "video", "media"),
]
MEDIA = [
    *("media_id", "md5", "sha1", "sha256", "kind", "mime", "size", "label", "baseline"),
    *("conflict", "sources", "opinions"),
]
OPINION = [
    *("source", "record_key", "scheme", "raw_category", "label", "baseline"),
    *("victim_identified", "offender_identified", "distributed", "self_generated", "suspected"),
    *("precategorized", "file_available", "submissions", "series", "tags", "updated"),
    *("list_file", "snapshot_id", "first_revision", "imported_at"),
]
POLICY = [
    *("algorithm", "max_distance", "review_max_distance", "min_quality", "orientations"),
    *("alerts", "name", "version", "level", "others", "max_comparisons"),
    *("near_max_distance", "registered_max_distance", "registered_review_max_distance"),
    *("video",),
]


def test_keys(db: Database) -> None:
    digests = digests_of(png(PIXELS), "sha1")
    opinion: dict[str, Any] = {
        "series": ("S",),
        "tags": ("t",),
        "distributed": True,
        "submissions": 3,
    }
    value = hash_image(PIXELS).hashes["pdq"]
    db.import_records([record("1", digests, value, **opinion)], source="List")
    checker = Checker(db)
    for source in (png(PIXELS), PIXELS):
        values = json.loads(json.dumps(checker.check(source).to_dict(), allow_nan=False))
        assert list(values) == RESULT
        assert values["schema"] == "hashmatch.check/1"
        assert list(values["policy"]) == POLICY
        assert values["policy_digest"] == checker.policy.digest
        assert values["cost_ms"] > 0
        (match,) = values["matches"]
        assert list(match) == MATCH
        assert list(match["media"]) == MEDIA
        (stated,) = match["media"]["opinions"]
        assert list(stated) == OPINION
        assert (stated["series"], stated["tags"], stated["submissions"]) == (["S"], ["t"], 3)


def test_keys_without_a_match(db: Database) -> None:
    checker = Checker(db)
    for result in (
        checker.check(b"text"),
        checker.check(PIXELS),
        checker.check_hash("pdq", bytes(32)),
        checker.check_digests(md5="0" * 32),
    ):
        values = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        assert list(values) == RESULT
        assert values["matches"] == []
