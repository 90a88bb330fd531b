"""Hash lists of classes: what stands in them, read back; order, names and copies do not matter."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from classed_files import classed_of, content_of, verdict_of
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import open_reader
from hashmatch.report import TriageClass
from hashmatch.triage import (
    LIST_FORMATS,
    ClassedFile,
    ListRequest,
    write_case_uco,
    write_hash_list,
    write_lists,
    write_vics_case,
)
from hashmatch.triage.lists_places import PATH_HEX, RootNames, time_text
from hashmatch.types import Label, MediaKind

FILES = [
    classed_of(1, TriageClass.BASELINE, verdict=verdict_of()),
    classed_of(2, TriageClass.NATIONAL, verdict=verdict_of("hash", baseline=None)),
    classed_of(3, TriageClass.POSSIBLE, verdict=verdict_of("hash", reason="beyond 31 bits")),
    classed_of(4, TriageClass.UNKNOWN, group=1, why="largest group"),
    classed_of(4, TriageClass.DUPLICATE, item={"path": b"copy.jpg"}, group=1),
    classed_of(5, TriageClass.DUPLICATE, decided=Label.CGI),
    classed_of(6, TriageClass.DECIDED, decided=Label.NON_PERTINENT),
    classed_of(7, TriageClass.IGNORABLE),
    classed_of(8, TriageClass.UNEXAMINED, item={"content": None, "status": "PERMISSION"}),
    classed_of(9, TriageClass.EARLIER),
]


def read(path: Path, **options: Any) -> dict[int, Any]:
    """Records by the number that their bytes are of."""
    numbers = {content_of(n).digests.md5: n for n in range(20)}
    with open_reader(path, **options) as reader:
        records: list[Any] = list(reader)
    return {numbers[record.digests.md5]: record for record in records}


def test_a_vics_case_has_every_content_once_with_all_its_places(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    done = write_vics_case(FILES, path, case="C-12", roots=[b"/mnt/exhibit"])
    assert (done.n_contents, done.n_files, done.ledger.seen) == (8, 9, 9)
    assert dict(done.ledger.reasons) == {("rejected", "content not known: PERMISSION"): 1}
    found = read(path)
    assert sorted(found) == [1, 2, 3, 4, 5, 6, 7, 9]
    labels = {number: record.opinion.label for number, record in found.items()}
    assert labels == {
        1: Label.CSAM,
        2: Label.CSAM,
        3: Label.UNCATEGORIZED,
        4: Label.UNCATEGORIZED,
        5: Label.CGI,
        6: Label.NON_PERTINENT,
        7: Label.NON_PERTINENT,  # VICS has no other word for what software brings
        9: Label.UNCATEGORIZED,
    }
    known = found[1]
    assert known.opinion.baseline is True
    assert known.opinion.series == ("S 1", "S 2")
    assert known.opinion.tags == ("triage:baseline",)
    assert known.opinion.precategorized is True
    assert known.opinion.victim_identified is None
    assert known.extra["PrecategorizationSource"] == '"INTERPOL ICSE; National"'
    assert known.extra["Comments"] == '"MATCH: same sha1"'
    assert (known.size, known.mime, known.kind) == (1001, "image/jpeg", MediaKind.IMAGE)
    assert [(h.algorithm, h.value, h.quality) for h in known.hashes] == [
        ("pdq", content_of(1).pdq, 100)
    ]
    near = found[2]
    assert (near.opinion.precategorized, near.opinion.baseline) == (False, None)
    assert near.extra["Comments"] == '"MATCH: pdq distance 6 of 31 bits"'
    assert "beyond 31 bits" in found[3].extra["Comments"]
    assert found[3].opinion.precategorized is None
    assert found[4].opinion.tags == ("triage:unknown",)
    assert [(p.file_name, p.file_path, p.written_raw) for p in found[4].seen_at] == [
        ("4.jpg", "exhibit/photos/4.jpg", "2020-09-13T12:26:40Z"),
        ("copy.jpg", "exhibit/copy.jpg", "2020-09-13T12:26:40Z"),
    ]
    text = path.read_text(encoding="utf-8")
    assert "/mnt" not in text
    for member in ("VictimIdentified", "OffenderIdentified", "IsDistributed", "null"):
        assert member not in text
    (case,) = json.loads(text)["value"]
    assert (case["CaseNumber"], case["TotalMediaFiles"]) == ("C-12", 9)


def test_comments_name_no_person_and_no_mount(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    why = "copy of /mnt/exhibit/photos/1.jpg, known as BASELINE"
    files = [
        classed_of(3, TriageClass.POSSIBLE, why=why),
        classed_of(6, TriageClass.DECIDED, why="decided cgi by A. Examiner", decided=Label.CGI),
    ]
    write_vics_case(files, path, case="C-12", roots=[b"/mnt/exhibit", b"/mnt/exhibit-2"])
    found = read(path)
    assert found[3].extra["Comments"] == '"copy of exhibit/photos/1.jpg, known as BASELINE"'
    assert "Comments" not in found[6].extra
    assert "Examiner" not in path.read_text(encoding="utf-8")


def test_a_label_without_a_code_costs_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "uk.json"
    done = write_vics_case(FILES, path, case="C-12", region="UK")
    assert done.n_contents == 8
    found = read(path)
    assert {record.opinion.label for record in found.values()} == {Label.UNCATEGORIZED}
    assert found[1].opinion.tags == ("triage:baseline", "label:csam")
    assert '"Category"' not in path.read_text(encoding="utf-8")
    noted = {reason: n for (_, reason), n in done.ledger.reasons.items() if "no code" in reason}
    assert {reason.split()[3]: n for reason, n in noted.items()} == {
        "csam": 2,
        "cgi": 1,
        "non_pertinent": 1,
        "known_ignorable": 1,
    }


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_show(tmp_path_factory: Any, rng: random.Random) -> None:
    folder = tmp_path_factory.mktemp("order")
    shuffled = rng.sample(FILES, len(FILES))
    made = []
    for name, files in (("a", FILES), ("b", shuffled)):
        write_vics_case(files, folder / name, case="C-12", roots=[b"/mnt/exhibit"])
        write_case_uco(files, folder / f"{name}.uco", case="C-12")
        write_hash_list(files, folder / f"{name}.jsonl", format="jsonl")
        made.append([(folder / f"{name}{end}").read_bytes() for end in ("", ".uco", ".jsonl")])
    assert made[0] == made[1]


@pytest.mark.parametrize("format", LIST_FORMATS)
def test_every_format(format: str, tmp_path: Path) -> None:
    """Every content is written or accounted for, and no list says where a file lay."""
    path = tmp_path / "list"
    done = write_hash_list(FILES, path, format=format)
    ledger = done.ledger
    assert (ledger.seen, ledger.failed) == (9, 0)
    assert done.n_contents + sum(n for (o, _), n in ledger.reasons.items() if o == "rejected") == 9
    data = path.read_bytes()
    for forbidden in (b"photos", b"copy.jpg", b"exhibit", b"/mnt"):
        assert forbidden not in data
    if format == "tsk-kdb":
        return
    digests = [content_of(n).digests for n in (1, 2, 3, 4, 5, 6, 7, 9)]
    texts = [t for d in digests for t in (d.md5, d.sha1, d.sha256)]
    texts += [content_of(n).pdq.hex() for n in (1, 2, 3, 4)]  # type: ignore[union-attr]
    assert any(text.encode() in data.lower() for text in texts if text)


def test_classes_choose(tmp_path: Path) -> None:
    def numbers(*classes: TriageClass) -> list[int]:
        write_hash_list(FILES, tmp_path / "x", classes=classes, format="jsonl", overwrite=True)
        return sorted(read(tmp_path / "x"))

    assert numbers(TriageClass.UNKNOWN) == [4]
    assert numbers(TriageClass.DUPLICATE) == [4, 5]
    assert numbers(TriageClass.BASELINE, TriageClass.NATIONAL) == [1, 2]
    assert numbers(TriageClass.UNEXAMINED) == []


def test_jsonl_keeps_what_vics_has_no_word_for(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    times = np.array([0, 1500], "<i8").tobytes()
    video = content_of(
        12, kind="video", pdq=None, mime="video/mp4", frame_hashes=bytes(range(64)),
        frame_times_ms=times,
    )  # fmt: skip
    files = [*FILES, classed_of(12, item={"content": video})]
    done = write_hash_list(files, path, format="jsonl")
    assert dict(done.ledger.reasons) == {("rejected", "content not known: PERMISSION"): 1}
    found = read(path)
    assert found[7].opinion.label is Label.KNOWN_IGNORABLE
    assert (found[1].opinion.scheme, found[1].opinion.raw_category) == ("vics-us-current", "1")
    assert [(h.value[0], h.time_s) for h in found[12].hashes] == [(0, 0.0), (32, 1.5)]
    assert [record.position for record in found.values()] == list(range(1, 10))
    done = write_vics_case(files, tmp_path / "x.json", case="C")
    assert done.ledger.reasons["done", "hashes of a video's frames left out"] == 1


def test_what_says_too_little_is_not_passed_on(tmp_path: Path) -> None:
    flat = classed_of(1, item={"content": content_of(1, status="LOW_INFORMATION")})
    empty = classed_of(2, item={"content": content_of(2, size=0)})
    done = write_hash_list([flat, empty], tmp_path / "x", format="vics-2.0")
    assert read(tmp_path / "x")[1].hashes == ()
    assert dict(done.ledger.reasons) == {("rejected", "empty file"): 1}


def test_a_case_uco_graph_says_where_it_is_from(tmp_path: Path) -> None:
    path = tmp_path / "case.jsonld"
    done = write_case_uco(FILES, path, case="C-12", exhibit="E-3")
    assert done.format == "case-uco-1.4"
    found = read(path)
    assert sorted(found) == [1, 2, 3, 4, 5, 6, 9]
    assert found[1].opinion.label is Label.CSAM
    assert {"case:C-12", "exhibit:E-3", "triage:baseline"} <= set(found[1].opinion.tags)
    assert len(found[4].hashes) == 1


NAMES = st.binary(min_size=1, max_size=30).filter(lambda b: not {0, 47} & set(b))
"""Names as a file system has them: any bytes but NUL and the slash."""


@settings(max_examples=60)
@given(st.lists(NAMES, min_size=1, max_size=4), st.lists(NAMES, max_size=2))
def test_no_byte_of_a_path_is_lost(
    tmp_path_factory: Any, names: list[bytes], members: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("names") / "case.json"
    item = {"path": b"/".join(names), "member": b"\0".join(members)}
    write_vics_case([classed_of(1, item=item)], path, case="C", roots=[b"/mnt/exhibit"])
    path.read_bytes().decode("utf-8")
    (place,) = read(path)[1].seen_at
    kept = (
        bytes.fromhex(json.loads(place.extra[PATH_HEX]))
        if PATH_HEX in place.extra
        else os.fsencode(place.file_path or "")
    )
    assert kept == b"/".join([b"exhibit", *names, *members])
    assert (place.parent_path is None) == (not members)
    assert (place.written_raw is None) == bool(members)


def test_roots_are_called_by_what_tells_them_apart() -> None:
    roots = [b"/mnt/a/DCIM", b"/mnt/b/DCIM", b"/mnt/c", b"/"]
    names = RootNames(roots)
    assert [names.name(root) for root in roots] == [b"a/DCIM", b"b/DCIM", b"c", b""]
    assert RootNames([b"/mnt/c"]).name(b"/mnt/other") == b"mnt/other"
    assert RootNames([b"/x/c", b"/c"]).name(b"/x/c") == b"x/c"


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        ("0", "1970-01-01T00:00:00Z"),
        ("1600000000123456789", "2020-09-13T12:26:40.123456Z"),
        ("-1000", "1969-12-31T23:59:59.999999Z"),
        (str(10**30), None),
        (str(-(10**19) * 6), None),
    ],
)
def test_times(ns: str, text: str | None) -> None:
    assert time_text(ns) == text


def test_lists_go_where_they_belong(tmp_path: Path) -> None:
    class Again:
        """Can be started again, and counts how often it was."""

        n = 0

        def __iter__(self) -> Any:
            self.n += 1
            return iter(FILES)

    files: Iterable[ClassedFile] = Again()
    wanted = [
        ListRequest("lists/unknown.json", classes=frozenset({TriageClass.UNKNOWN})),
        ListRequest("all.txt", "md5-list"),
    ]
    first, second = write_lists(files, tmp_path, wanted)
    assert (first.path, first.n_contents) == ("lists/unknown.json", 1)
    assert (second.path, second.n_contents) == ("all.txt", 8)
    assert len((tmp_path / "all.txt").read_text().splitlines()) == 8
    assert files.n == 2  # type: ignore[attr-defined]
    with pytest.raises(ExchangeError, match=r"all\.txt.*exists"):
        write_lists(files, tmp_path, wanted[1:])
    with pytest.raises(InputError, match="each path once"):
        write_lists(files, tmp_path, [ListRequest("a"), ListRequest("./a")])


@pytest.mark.parametrize("path", ["/x", "../x", "a/../../x", "", "report.html", "pages/x", "a\0"])
def test_no_list_takes_the_place_of_something_else(path: str) -> None:
    with pytest.raises(InputError, match="path"):
        ListRequest(path)


def test_wrong_arguments(tmp_path: Path) -> None:
    for format in ("vpdq-text", "tmk", "x"):
        with pytest.raises(InputError, match="format: expected one of"):
            ListRequest("x", format)
    with pytest.raises(InputError, match="region"):
        write_hash_list(FILES, tmp_path / "x", region="a b")
    with pytest.raises(InputError, match="classes"):
        ListRequest("x", classes=frozenset())
    with pytest.raises(InputError, match="number"):
        write_vics_case(FILES, tmp_path / "x", case=" ")
    assert list(tmp_path.iterdir()) == []
