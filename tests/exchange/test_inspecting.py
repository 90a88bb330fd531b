"""An inspection counts what is there: every number against a list made for it."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, UnknownFormatError
from hashmatch.exchange import inspect_list
from hashmatch.exchange.jsonl_write import JsonlWriter
from hashmatch.types import (
    Deletion,
    Digests,
    HashRecord,
    HashValue,
    Label,
    MediaKind,
    Opinion,
    Reject,
)

LOW = HashValue("pdq", b"\x01" * 32, 10)
GOOD = HashValue("pdq", bytes(range(32)), 90, 3, 1.5)
DNA = HashValue("photodna", bytes(range(144)))


def md5(number: int) -> str:
    return f"{number:032x}"


def sha1(number: int) -> str:
    return f"{number:040x}"


def opinion(code: str | None, label: Label, **rest: Any) -> Opinion:
    return Opinion("vics-us-current", code, label, **rest)


ITEMS: list[HashRecord | Deletion] = [
    HashRecord(
        *("1", 1, Digests(md5(1), sha1(1)), opinion("1", Label.CSAM, baseline=True)),
        kind=MediaKind.IMAGE,
        mime="image/jpeg",
        size=3,
        hashes=(LOW, GOOD, DNA),
        extra={"Agency": "A"},
        rejects=(Reject(1, "PhotoDNA", "photodna length", "AA", False),),
    ),
    HashRecord(
        *("2", 2, Digests(md5(1), sha1(2))),
        opinion("0", Label.NON_PERTINENT, baseline=False, updated_raw="2021-05-06"),
    ),
    HashRecord(
        *("2", 3, Digests(md5(1), sha1(2))),
        opinion("0", Label.NON_PERTINENT, distributed=True, updated_raw="2020-01-02T03:04:05Z"),
    ),
    HashRecord(*("4", 4, Digests(), opinion(None, Label.UNCATEGORIZED)), hashes=(GOOD,)),
    HashRecord(
        *("5", 5, Digests(sha1=sha1(9)), opinion("1", Label.CSAM, updated_raw="03/04/2020")),
        kind=MediaKind.VIDEO,
    ),
    Deletion("6", 6, "deletedImage", ""),
]


def why_not(algorithm: str, value: bytes, quality: int | None) -> str | None:
    return "low quality" if quality is not None and quality < 50 else None


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.jsonl"
    with JsonlWriter(path) as writer:
        for item in ITEMS:
            writer.write(item)
    return path


def add_broken_line(path: Path) -> None:
    lines = path.read_text(encoding="ascii").splitlines()
    end = json.loads(lines[-1])
    end["lines"] += 5
    broken = [f'{{"record_key":"x{n}"}}' for n in range(4)]
    path.write_text("\n".join([*lines[:-1], *broken, "{", json.dumps(end)]), encoding="ascii")


def test_every_number(listed: Path) -> None:
    add_broken_line(listed)
    found = inspect_list(listed, why_not_matchable=why_not).to_dict()
    assert found == {
        "path": str(listed),
        "size": listed.stat().st_size,
        "sha256": hashlib.sha256(listed.read_bytes()).hexdigest(),
        "title": "hashmatch list (JSONL)",
        "format": "jsonl",
        "document": "hash-set",
        "context": "",
        "scheme": "unmapped",
        "facts": {},
        "complete": True,
        "problem": None,
        "seen": 11,
        "records": 5,
        "deletions": 1,
        "rejected": 5,
        "rejected_reasons": {"no usable hash": 4, "malformed JSON": 1},
        "field_rejects": 1,
        "fields": {
            "category": 4,
            "sha1": 4,
            "md5": 3,
            "updated": 3,
            "baseline": 2,
            "hash: pdq": 2,
            "kind": 2,
            "distributed": 1,
            "hash: photodna": 1,
            "mime": 1,
            "other: Agency": 1,
            "size": 1,
        },
        "labels": {"csam": 2, "non_pertinent": 2, "uncategorized": 1},
        "categories": [
            {"scheme": "vics-us-current", "category": code, "label": label, "count": count}
            for code, label, count in (
                ("0", "non_pertinent", 2),
                ("1", "csam", 2),
                (None, "uncategorized", 1),
            )
        ],
        "more_categories": 0,
        "flags": {
            "baseline": {"yes": 1, "no": 1, "unknown": 3},
            "victim_identified": {"yes": 0, "no": 0, "unknown": 5},
            "offender_identified": {"yes": 0, "no": 0, "unknown": 5},
            "distributed": {"yes": 1, "no": 0, "unknown": 4},
            "self_generated": {"yes": 0, "no": 0, "unknown": 5},
            "suspected": {"yes": 0, "no": 0, "unknown": 5},
            "precategorized": {"yes": 0, "no": 0, "unknown": 5},
            "file_available": {"yes": 0, "no": 0, "unknown": 5},
        },
        "kinds": {"unknown": 3, "image": 1, "video": 1},
        "mimes": {"image/jpeg": 1},
        "hashes": {
            "pdq": {
                "values": 3,
                "with_quality": 3,
                "with_time": 2,
                "low_information": {"low quality": 1},
            },
            "photodna": {"values": 1, "with_quality": 0, "with_time": 0, "low_information": {}},
        },
        "dates": {
            "first": "2020-01-02",
            "last": "2021-05-06",
            "exact": 1,
            "no_zone": 1,
            "unclear": 1,
            "implausible": 0,
        },
        "repeats": {"record_keys": 1, "digests": 1, "md5_with_another_sha1": 1},
        "deletion_reasons": {"deletedImage": 1},
        "rejects": [
            {
                "reason": "no usable hash",
                "count": 4,
                "examples": [{"position": n, "field": None, "raw": ""} for n in (8, 9, 10)],
            },
            {
                "reason": "malformed JSON",
                "count": 1,
                "examples": [{"position": 12, "field": None, "raw": "{\n"}],
            },
            {
                "reason": "photodna length",
                "count": 1,
                "examples": [{"position": 1, "field": "PhotoDNA", "raw": "AA"}],
            },
        ],
        "warnings": {},
    }
    assert json.loads(json.dumps(found)) == found


def test_a_list_that_is_cut_short_is_counted_up_to_there(listed: Path) -> None:
    lines = listed.read_bytes().splitlines(keepends=True)
    listed.write_bytes(b"".join(lines[:3]))
    found = inspect_list(listed)
    assert not found.complete
    assert "cut short" in (found.problem or "")
    assert found.survey["records"] == 2


def test_what_is_no_list_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\x89PNG")
    with pytest.raises(UnknownFormatError):
        inspect_list(path)
    with pytest.raises(ExchangeError):
        inspect_list(tmp_path / "missing")


def test_progress_comes_from_the_file(listed: Path) -> None:
    told: list[tuple[int, int]] = []
    inspect_list(listed, on_progress=lambda done, total: told.append((done, total)))
    assert told
    assert all(0 < done <= total == listed.stat().st_size for done, total in told)


def test_long_texts_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    long = "x" * 200_000
    with JsonlWriter(path) as writer:
        for n in range(1, 101):
            said = opinion(f"{n}{long}", Label.UNCATEGORIZED, updated_raw=f"{n}{long}")
            key = f"{n}{long}"
            writer.write(HashRecord(key, n, Digests(md5(n)), said, mime=key, extra={key: ""}))
    tracemalloc.start()
    try:
        found = inspect_list(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 << 20
    assert found.survey["more_categories"] == found.survey["dates"]["unclear"] == 100
    assert len(json.dumps(found.to_dict())) < 50_000


def test_a_list_of_many_categories_stays_small(tmp_path: Path) -> None:
    """A hostile list invents a category, a MIME type and a member for each record."""
    with JsonlWriter(tmp_path / "a") as writer:
        for n in range(1, 1_001):
            writer.write(
                HashRecord(
                    *(str(n), n, Digests(md5(n)), opinion(f"c{n}", Label.UNCATEGORIZED)),
                    mime=f"x/{n}",
                    extra={f"e{n}": ""},
                )
            )
    found = inspect_list(tmp_path / "a").survey
    assert (len(found["categories"]), found["more_categories"]) == (500, 500)
    assert sum(found["mimes"].values()) == 1_000
    assert len(found["mimes"]) < 300
    assert len(found["fields"]) < 300
