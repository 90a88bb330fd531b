"""The order of importance, groups and matches of a classification, and the report of it."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from classed_sets import group_of, groups_of, item_at, sha256_of
from exhibits import IN_PROCESS
from known_media import digests_of, record
from pictures import encoded, photograph, png
from PIL import Image

from hashmatch.database import Database
from hashmatch.errors import InputError
from hashmatch.matching import Checker
from hashmatch.report import Group, GroupKind, TriageClass, path_of, write_report
from hashmatch.scan import Catalogue, scan_into
from hashmatch.triage import (
    Classification,
    CopyGroups,
    DatabaseJudge,
    Decisions,
    classify,
    evidence_of,
    report_model,
)
from hashmatch.types import Digests, Label

MakeCatalogue = Callable[..., Catalogue]
Classified = Callable[..., Classification]

PICTURES = [png(photograph(seed)) for seed in range(91, 99)]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def camera_picture(seed: int) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Model"
    return encoded(photograph(seed), "JPEG", exif=exif.tobytes())


def reviewed(classification: Classification) -> list[str]:
    return [Path(one.file.path).name for one in classification.review()]


def told(classification: Classification) -> dict[str, str]:
    return {Path(one.file.path).name: one.why for one in classification.review()}


def evidence(catalogue: Catalogue, **other: Any) -> Any:
    given = {"command_line": ["dedupe", "x"], "started_at": START, "ended_at": START}
    return evidence_of(catalogue, **{**given, "environment": {}, **other})


def test_unknown_ones_by_their_signs(
    db: Database, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    db.import_records([record("1", digests_of(PICTURES[0]))], source="s")
    judge = DatabaseJudge(db, Checker(db))
    large = Image.fromarray(photograph(70)).resize((2000, 1100))
    files = {
        "a/plain.png": PICTURES[1],
        "b/camera.jpg": camera_picture(71),
        "c/known.png": PICTURES[0],
        "c/neighbour.png": PICTURES[2],
        "d/1.png": PICTURES[3],
        "d/2.png": PICTURES[3],
        "d/3.png": PICTURES[3],
        "d/4.png": PICTURES[3],
        "e/large.jpg": encoded(large, "JPEG"),
        "f/blank.png": png(Image.new("RGB", (100, 100))),
    }
    made = classified(make_catalogue(files, judge=judge), key=judge.key)
    order = ["neighbour.png", "camera.jpg", "1.png", "large.jpg", "plain.png", "blank.png"]
    assert reviewed(made) == order
    assert reviewed(made) == order  # again
    whys = told(made)
    assert whys["neighbour.png"] == "known media in the same folder"
    assert whys["1.png"] == "4 files of it"
    assert whys["camera.jpg"] == "camera original"
    assert whys["large.jpg"] == "2.2 megapixels"
    assert whys["plain.png"] == ""


def test_possible_ones_first_and_what_is_locked_before_what_is_broken(
    db: Database, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    def twins(data: bytes) -> Digests:
        return Digests(md5=digests_of(data).md5, sha1="12" * 20)

    comparison = record("1", twins(PICTURES[0]), label=Label.COMPARISON)
    db.import_records([comparison], source="s")
    db.import_records([record("2", twins(PICTURES[1]), baseline=True)], source="s")
    judge = DatabaseJudge(db, Checker(db))
    files = {
        "broken.jpg": b"\xff\xd8\xff\xe0 broken",
        "locked.zip": locked_archive(),
        "other.png": PICTURES[0],
        "sure.png": PICTURES[1],
        "unknown.png": PICTURES[2],
    }
    catalogue = make_catalogue(files, judge=judge, archives=True)
    made = classified(catalogue, key=judge.key)
    names = reviewed(made)
    assert names == ["sure.png", "other.png", "unknown.png", "within.png", "broken.jpg"]
    assert told(made)["within.png"].startswith("ENCRYPTED")
    counts = {count.triage: count.files for count in made.counts}
    assert counts == {TriageClass.POSSIBLE: 2, TriageClass.UNKNOWN: 1, TriageClass.UNEXAMINED: 2}


def locked_archive() -> bytes:
    """A ZIP file whose only member says that it needs a password."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("within.png", PICTURES[3])
    data = bytearray(stream.getvalue())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_two_broken_files_are_one_to_look_at(
    make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    broken = b"\xff\xd8\xff\xe0 broken"
    made = classified(make_catalogue({"1.jpg": broken, "2.jpg": broken}))
    (one,) = made.review()
    assert (Path(one.file.path).name, one.n_copies) == ("1.jpg", 1)
    assert {count.triage: count.files for count in made.counts} == {
        TriageClass.UNEXAMINED: 1,
        TriageClass.DUPLICATE: 1,
    }


def listed(group: Group) -> list[tuple[str, int | None, str | None]]:
    return [(Path(m.file.path).name, m.distance, m.variant) for m in group.others]


def test_groups_hold_every_file_and_fetch_what_is_asked_for(
    make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    files = {"1.png": PICTURES[0], "1b.png": PICTURES[0], "2.png": PICTURES[1]}
    files |= {"2b.png": PICTURES[1], "2c.png": PICTURES[1], "3.png": PICTURES[2]}
    catalogue = make_catalogue({**files, "3b.png": PICTURES[2], "4.png": PICTURES[3]})
    turned = np.array([0, 2], np.uint8)
    near = group_of(catalogue, "1.png", "2.png", orientations=turned, diameter=4, shot=3)
    made = classified(catalogue, groups_of([near]))
    first, second = made.groups()
    assert (first.kind, second.kind) == (GroupKind.NEAR, GroupKind.EXACT)
    assert (first.linkage, first.max_distance, first.diameter, first.shot) == ("complete", 20, 4, 3)
    assert Path(first.representative.path).name == "1.png"
    assert first.why == "largest pixels"
    variant = first.others[1].variant
    assert variant not in (None, "original")
    assert listed(first) == [
        ("1b.png", 0, "original"),
        ("2.png", 4, variant),
        ("2b.png", 4, variant),
        ("2c.png", 4, variant),
    ]
    assert first.n_files == 5
    others = list(first.others)
    assert [first.others[at] for at in range(4)] == others
    assert [first.others[at] for at in range(-4, 0)] == others
    assert first.others[1:3] == others[1:3]
    with pytest.raises(IndexError):
        _ = first.others[4]
    assert [member.file.triage for member in others] == [TriageClass.DUPLICATE] * 4
    assert first.representative.triage is TriageClass.UNKNOWN
    assert listed(second) == [("3b.png", 0, "original")]
    assert second.linkage is None
    numbers = {Path(one.item.name).name: one.group for one in made.files()}
    assert (numbers["2c.png"], numbers["3b.png"], numbers["4.png"]) == (1, 2, None)


def test_matches_are_of_every_file(
    db: Database, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    db.import_records([record("1", digests_of(PICTURES[0]))], source="s")
    db.import_records([record("2", digests_of(PICTURES[1]), baseline=True)], source="s")
    judge = DatabaseJudge(db, Checker(db))
    files = {"1.png": PICTURES[0], "1b.png": PICTURES[0], "2.png": PICTURES[1]}
    made = classified(make_catalogue(files, judge=judge), key=judge.key)
    found = [(Path(m.file.path).name, m.alert.value, m.file.triage.value) for m in made.matches()]
    assert found == [
        ("2.png", "BASELINE", "baseline"),
        ("1.png", "NATIONAL", "national"),
        ("1b.png", "NATIONAL", "national"),
    ]
    assert list(made.review()) == []


def test_nothing_depends_on_the_order_in_which_files_were_met(
    tmp_path: Path, make_catalogue: MakeCatalogue
) -> None:
    """One catalogue is filled in a random order, over several runs."""
    rng = random.Random(5)
    names = [f"{n % 4}/{n}.png" for n in range(20)]
    files = {name: PICTURES[n % 7] for n, name in enumerate(names)}
    straight = make_catalogue(files)
    root = tmp_path / "set-tree"
    mixed = Catalogue.open(tmp_path / "mixed", create=True)
    single = list(names)
    rng.shuffle(single)
    for name in single[:6]:
        scan_into(mixed, [root / name], recipe=IN_PROCESS)
    scan_into(mixed, [root], recipe=IN_PROCESS, workers=2)
    results = []
    for catalogue in (straight, mixed):
        one, two, three = (f"{n % 4}/{n}.png" for n in (0, 1, 2))
        groups = groups_of([group_of(catalogue, one, two, three)])
        with classify(catalogue, groups) as made:
            files_told = [(f.item.name, f.triage, f.why, f.group) for f in made.files()]
            grouped = [(g.representative, list(g.others)) for g in made.groups()]
            results.append((files_told, list(made.review()), grouped, made.counts))
    mixed.close()
    assert results[0] == results[1]


def test_a_report_of_all_of_it(
    db: Database, tmp_path: Path, make_catalogue: MakeCatalogue, classified: Classified
) -> None:
    db.import_records([record("1", digests_of(PICTURES[0]), baseline=True)], source="s")
    checker = Checker(db)
    judge = DatabaseJudge(db, checker)
    odd = b"odd-\xe4\n.png".decode("utf-8", "surrogateescape")
    files = {"1.png": PICTURES[0], odd: PICTURES[1], "2.png": PICTURES[1], "x.zip": b"no archive"}
    catalogue = make_catalogue(files, judge=judge)
    decisions = Decisions.open(tmp_path / "set")
    decisions.add_category(Label.CSAM, [sha256_of(catalogue, "1.png")], examiner="E")
    made = classified(catalogue, key=judge.key, decisions=decisions)
    head = evidence(
        catalogue,
        examiner="E",
        case="C-1",
        exhibit="X-2",
        policy=checker.policy,
        database_revision=judge.revision,
    )
    model = report_model(made, head, archives=False, notes=["First."])
    assert model.notes == (
        "First.",
        "Archives were not looked into; 1 file with a name of such.",
        "Decided by examiners: 1 content.",
    )
    assert model.ledger == catalogue.ledger()
    assert (head.roots, head.case) == ((str(tmp_path / "set-tree"),), "C-1")
    assert head.policy_digest == checker.policy.digest
    assert head.tool.startswith("hashmatch ")
    assert "pillow" in dict(head.libraries)
    done = write_report(model, tmp_path / "out")
    assert (done.n_groups, done.n_matches, done.n_review) == (1, 1, 1)
    rows = [json.loads(r) for r in (tmp_path / "out" / "groups.jsonl").read_bytes().splitlines()]
    assert {path_of(row) for row in rows} == {
        f"{tmp_path}/set-tree/2.png",
        f"{tmp_path}/set-tree/{odd}",
    }
    (match,) = (tmp_path / "out" / "matches.jsonl").read_bytes().splitlines()
    assert json.loads(match)["decision"] == "csam"


def test_notes_on_what_is_not_there(
    db: Database, make_catalogue: MakeCatalogue, classified: Classified, tmp_path: Path
) -> None:
    judge = DatabaseJudge(db, Checker(db))
    catalogue = make_catalogue({"1.png": PICTURES[0], "2.png": PICTURES[1]}, judge=judge)
    (tmp_path / "set-tree" / "1.png").unlink()
    (tmp_path / "set-tree" / "3.png").write_bytes(PICTURES[2])
    db.import_records([record("9", digests_of(b"x"))], source="s")
    root = tmp_path / "set-tree"
    # The database changed, and yet the judge goes by its old key.
    scan_into(catalogue, [root], recipe=IN_PROCESS, judge=judge)
    made = classified(catalogue, CopyGroups((), "complete", 20, ("Of groups.",)), key=judge.key)
    revisions = sorted(made.sources.verdicts.revisions)
    assert report_model(made, evidence(catalogue)).notes == (
        "Not there any more, and met by an earlier run: 1 file.",
        "Of groups.",
        "The database changed meanwhile; compared were "
        f"1 content at revision {revisions[0]}, 1 content at revision {revisions[1]}.",
    )
    scan_into(catalogue, [root], recipe=replace(IN_PROCESS, dihedral=False), stop=lambda: True)
    notes = report_model(classified(catalogue), evidence(catalogue)).notes
    assert notes[0].startswith("The run was stopped before its end")


def test_a_fixed_time(make_catalogue: MakeCatalogue) -> None:
    catalogue = make_catalogue({"1.png": PICTURES[0]})
    assert item_at(catalogue, "1.png").content is not None
    head = evidence(catalogue, environment={"SOURCE_DATE_EPOCH": "86400"})
    assert head.started_at == head.ended_at == datetime(1970, 1, 2, tzinfo=UTC)
    for wrong in ("yesterday", "1e99", "9" * 30):
        with pytest.raises(InputError, match="SOURCE_DATE_EPOCH"):
            evidence(catalogue, environment={"SOURCE_DATE_EPOCH": wrong})
