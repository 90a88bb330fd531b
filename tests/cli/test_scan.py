"""``hashmatch scan``: from the roots of an exhibit to what a person has to look at."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from exhibits import paths_of, states_of
from seized import ODD, Seized, outputs_of, rows_of, seize

from hashmatch.report import path_of, verify_manifest


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outputs of two runs may be compared."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


@pytest.fixture
def seized(tmp_path: Path) -> Seized:
    return seize(tmp_path)


def scan(run: Any, seized: Seized, out: Path, *options: Any, verb: str = "scan") -> Any:
    database = [] if verb == "dedupe" else ["--db", seized.database]
    return run(verb, seized.root, *database, "--out", out, "--in-process", *options)


def test_triage(run: Any, seized: Seized, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = scan(run, seized, out, "--json", "--case", "C-1", "--examiner", "e", "--exhibit", "x")
    assert done.code == 1
    (said,) = done.results
    ledger = done.ledger
    assert ledger["seen"] == seized.n_items == said["listed"]
    parts = ("done", "low_information", "rejected", "failed")
    assert ledger["seen"] == sum(ledger[part] for part in parts)
    assert ledger["failed"] == 1
    counts = {row["triage"]: row["files"] for row in said["classes"]}
    expected: dict[str, int] = {}
    for triage in seized.classes.values():
        expected[triage] = expected.get(triage, 0) + 1
    expected["unknown"] += 1  # the black picture, which says too little: last in the list
    assert counts == expected
    assert said["to_look_at"] == expected["unknown"] + expected["unexamined"]

    place = os.fsdecode(os.fsencode(seized.root)) + "/"
    review = rows_of(out / "review.jsonl")
    looked_at = {path_of(row).removeprefix(place): row for row in review}
    to_look_at = {p for p, c in seized.classes.items() if c in ("unknown", "unexamined")}
    assert set(looked_at) == to_look_at | {"disk/black.png"}
    assert [row["rank"] for row in review] == list(range(1, len(review) + 1))
    assert path_of(review[-1]).endswith("black.png")
    assert looked_at["disk/a.png"]["n_copies"] == 3
    matches = rows_of(out / "matches.jsonl")
    assert {Path(path_of(row)).name: row["alert"] for row in matches} == {
        "known.png": "BASELINE",
        "known_near.jpg": "BASELINE",
        "mirrored.png": "NATIONAL",
    }
    assert all(row["opinions"][0]["source"] == "List" for row in matches)
    groups = rows_of(out / "groups.jsonl")
    assert {row["triage"] for row in groups} == {"baseline", "unknown", "duplicate"}
    manifest = json.loads((out / "manifest.json").read_text())
    evidence = manifest["evidence"]
    assert (evidence["case"], evidence["examiner"], evidence["exhibit"]) == ("C-1", "e", "x")
    assert evidence["database_revision"] == 2
    assert len(evidence["database_digest"]) == len(evidence["policy_digest"]) == 64
    assert verify_manifest(out).sound
    assert verify_manifest(out).manifest_sha256 == said["manifest_sha256"]


def test_names_are_lossless(run: Any, seized: Seized, tmp_path: Path) -> None:
    """C05: whatever stands in a name, the tables give its bytes back."""
    out = tmp_path / "out"
    done = scan(run, seized, out, "--vics-case", "--case-uco", "--list", "unknown:vics-2.0")
    assert done.code == 1
    assert "Traceback" not in done.err
    names = {os.fsencode(path_of(row)).rpartition(b"/")[2] for row in rows_of(out / "review.jsonl")}
    assert set(ODD) <= names
    with (out / "review.csv").open(encoding="utf-8-sig", newline="") as table:
        listed = {os.fsencode(path_of(row)).rpartition(b"/")[2] for row in csv.DictReader(table)}
    assert listed == names
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<b>.png" not in page


def test_again(run: Any, seized: Seized, tmp_path: Path) -> None:
    """Nothing is read again, and the outputs are the same; a clean run's are the same too."""
    out = tmp_path / "out"
    scan(run, seized, out, "--vics-case")
    before = outputs_of(out)
    done = scan(run, seized, out, "--vics-case", "--json")
    (said,) = done.results
    assert (said["examined"], said["copies"], said["new"], said["changed"]) == (0, 0, 0, 0)
    assert said["unchanged"] == seized.n_items - 2  # all but the link and the pipe
    assert outputs_of(out) == before
    clean = tmp_path / "clean"
    scan(run, seized, clean, "--vics-case")
    assert outputs_of(clean) == before


def test_what_is_new_changed_and_gone(run: Any, seized: Seized, tmp_path: Path) -> None:
    out = tmp_path / "out"
    scan(run, seized, out)
    (seized.root / "disk" / "alone.jpg").unlink()
    (seized.root / "disk" / "a.png").write_bytes((seized.root / "disk" / "icon.png").read_bytes())
    (seized.root / "new.png").write_bytes((seized.root / "disk" / "mirrored.png").read_bytes())
    (said,) = scan(run, seized, out, "--json").results
    assert (said["new"], said["changed"], said["gone"]) == (1, 1, 1)
    assert any("Not there any more" in note for note in said["notes"])


def test_evidence_stays_as_it_is(run: Any, seized: Seized, tmp_path: Path) -> None:
    paths = paths_of(seized.root)
    for path in paths:
        if not path.is_symlink():
            os.utime(path, ns=(10**18, 10**18))
    digests = {p: hashlib.sha256(p.read_bytes()).digest() for p in paths if p.is_file()}
    for path in digests:
        os.utime(path, ns=(10**18, 10**18))
    before = states_of(paths)
    for verb in ("scan", "dedupe"):
        scan(run, seized, tmp_path / verb, "--previews", "blurred", "--archives", verb=verb)
    assert states_of(paths) == before
    assert {p: hashlib.sha256(p.read_bytes()).digest() for p in digests} == digests
    assert paths_of(seized.root) == paths


def test_dedupe_alone(run: Any, seized: Seized, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = scan(run, seized, out, "--json", verb="dedupe")
    assert done.code == 2  # a file is broken
    groups = rows_of(out / "groups.jsonl")
    by_group: dict[int, set[str]] = {}
    for row in groups:
        by_group.setdefault(row["group"], set()).add(Path(path_of(row)).name)
    assert sorted(map(sorted, by_group.values())) == [
        ["a.png", "b_same.png", "c_near.jpg", "d_turned.png"],
        ["alone.jpg", "linked.jpg"],
        ["known.png", "known_near.jpg"],
    ]
    assert rows_of(out / "matches.jsonl") == []
    (said,) = done.results
    assert {row["triage"] for row in said["classes"]} == {"unknown", "duplicate", "unexamined"}


def test_options_of_grouping(run: Any, seized: Seized, tmp_path: Path) -> None:
    done = scan(run, seized, tmp_path / "a", "--max-distance", "0", verb="dedupe")
    turned = scan(run, seized, tmp_path / "b", "--no-orientations", verb="dedupe")
    assert done.code == turned.code == 2
    names = {Path(path_of(row)).name for row in rows_of(tmp_path / "b" / "groups.jsonl")}
    assert "d_turned.png" not in names
    for linkage in ("medoid", "single"):
        scan(run, seized, tmp_path / linkage, "--linkage", linkage, verb="dedupe")
        rows = rows_of(tmp_path / linkage / "groups.jsonl")
        assert {row["linkage"] for row in rows} == {linkage, None}


def test_against_an_earlier_batch(run: Any, seized: Seized, tmp_path: Path) -> None:
    scan(run, seized, tmp_path / "first")
    (said,) = scan(
        run, seized, tmp_path / "second", "--against", tmp_path / "first", "--json"
    ).results
    counts = {row["triage"]: row["files"] for row in said["classes"]}
    assert counts["baseline"] == 2
    assert (
        "unknown" not in counts or counts["unknown"] == 1
    )  # what says too little is never settled
    assert counts["earlier"] >= 10
    wrong = scan(run, seized, tmp_path / "third", "--against", tmp_path / "nowhere")
    assert wrong.code == 2
    assert "nowhere" in wrong.err
    assert not (tmp_path / "third").exists()


def test_previews(run: Any, seized: Seized, tmp_path: Path) -> None:
    scan(run, seized, tmp_path / "none")
    assert b"data:image" not in (tmp_path / "none" / "report.html").read_bytes()
    scan(run, seized, tmp_path / "some", "--previews", "blurred")
    assert b"data:image" in (tmp_path / "some" / "report.html").read_bytes()


def test_wrong_orders_begin_nothing(run: Any, seized: Seized, tmp_path: Path) -> None:
    inside = scan(run, seized, seized.root / "out")
    assert inside.code == 2
    assert "outside" in inside.err
    assert not (seized.root / "out").exists()
    missing = run("dedupe", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert (missing.code, (tmp_path / "out").exists()) == (2, False)
    database = run("scan", seized.root, "--db", tmp_path / "no.db", "--out", tmp_path / "out")
    assert (database.code, (tmp_path / "out").exists()) == (2, False)
    for wish in ("nonsense:md5sum", "unknown:nonsense", "unknown"):
        wrong = scan(run, seized, tmp_path / "out", "--list", wish)
        assert (wrong.code, (tmp_path / "out").exists()) == (2, False)
        assert "expected" in wrong.err


def test_what_others_wrote_is_left_alone(run: Any, seized: Seized, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("mine")
    (out / "notes.txt").write_text("mine too")
    refused = scan(run, seized, out)
    assert refused.code == 2
    assert "report.html" in refused.err
    assert sorted(p.name for p in out.iterdir()) == ["notes.txt", "report.html"]
    assert scan(run, seized, out, "--overwrite").code == 1
    assert (out / "notes.txt").read_text() == "mine too"
    assert (out / "report.html").read_text() != "mine"


def test_the_audit_log_has_the_run(run: Any, seized: Seized, tmp_path: Path) -> None:
    (said,) = scan(run, seized, tmp_path / "out", "--json").results
    entries = run("audit", "show", seized.database, "--json").json
    assert entries[-1]["action"] == "scan"
    assert entries[-1]["details"]["manifest_sha256"] == said["manifest_sha256"]
    scan(run, seized, tmp_path / "out", "--no-audit")
    assert len(run("audit", "show", seized.database, "--json").json) == len(entries)
