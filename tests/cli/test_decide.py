"""``hashmatch decide``: what a person saw is kept, and respected by the next run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from seized import Seized, rows_of, seize

from hashmatch.report import path_of


@pytest.fixture
def seized(tmp_path: Path) -> Seized:
    return seize(tmp_path, odd=False)


@pytest.fixture
def out(run: Any, seized: Seized, tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    assert again(run, seized, folder).code == 1
    return folder


def again(run: Any, seized: Seized, out: Path) -> Any:
    options = ("--out", out, "--in-process", "--no-audit", "--json")
    return run("scan", seized.root, "--db", seized.database, *options)


def names_by_group(out: Path) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for row in rows_of(out / "groups.jsonl"):
        groups.setdefault(row["group"], []).append(Path(path_of(row)).name)
    return sorted(sorted(names) for names in groups.values())


def decide(run: Any, what: str, out: Path, *words: Any) -> Any:
    return run("decide", what, out, *words, "--examiner", "e", "--json")


def test_a_category(run: Any, seized: Seized, out: Path) -> None:
    alone = seized.root / "disk" / "alone.jpg"
    (said,) = decide(run, "category", out, "non_pertinent", alone).json
    assert (said["kind"], said["label"], said["examiner"]) == ("category", "non_pertinent", "e")
    assert said["paths"] == [str(alone)]
    decide(run, "category", out, "csam", seized.root / "disk" / "black.png")
    (said, _) = again(run, seized, out).json
    counts = {row["triage"]: row["files"] for row in said["classes"]}
    assert counts["ignorable"] == 1 + 2  # the file with both its names
    assert counts["decided"] == 1
    assert said["examined"] == 0
    looked_at = {Path(path_of(row)).name for row in rows_of(out / "review.jsonl")}
    assert looked_at.isdisjoint({"alone.jpg", "linked.jpg", "black.png"})


def test_a_group(run: Any, seized: Seized, out: Path) -> None:
    """What is decided of a group holds for all that is in it now."""
    (said,) = decide(
        run, "category", out, "comparison", "--group", seized.root / "disk" / "c_near.jpg"
    ).json
    assert len(said["contents"]) == 3
    again(run, seized, out)
    decided = [row for row in rows_of(out / "groups.jsonl") if row["triage"] == "decided"]
    assert len(decided) == 4
    assert {row["decision"] for row in decided} == {"comparison"}


def test_not_the_same(run: Any, seized: Seized, out: Path) -> None:
    disk = seized.root / "disk"
    decide(run, "not-same", out, disk / "a.png", disk / "c_near.jpg")
    again(run, seized, out)
    apart = names_by_group(out)
    assert not any({"a.png", "c_near.jpg"} <= set(names) for names in apart)
    assert any({"a.png", "b_same.png"} <= set(names) for names in apart)  # one content


def test_the_same(run: Any, seized: Seized, out: Path) -> None:
    disk = seized.root / "disk"
    decide(run, "same", out, disk / "alone.jpg", disk / "a.png")
    again(run, seized, out)
    assert any({"alone.jpg", "a.png"} <= set(names) for names in names_by_group(out))
    decide(run, "withdraw", out, "1")
    again(run, seized, out)
    assert not any({"alone.jpg", "a.png"} <= set(names) for names in names_by_group(out))
    held = [row["holds"] for row in run("decide", "list", out, "--json").json]
    assert held == [False, True]


def test_they_outlive_the_catalogue(run: Any, seized: Seized, out: Path) -> None:
    decide(run, "category", out, "non_pertinent", seized.root / "disk" / "alone.jpg")
    options = ("--out", out, "--in-process", "--fresh", "--json")
    said = run("scan", seized.root, "--db", seized.database, *options).json[0]
    assert said["examined"] > 0
    assert {row["triage"]: row["files"] for row in said["classes"]}["ignorable"] == 3


def test_by_digest(run: Any, out: Path) -> None:
    row = rows_of(out / "review.jsonl")[0]
    for name in (row["sha256"], row["sha256"][:12].upper()):
        (said,) = decide(run, "category", out, "uncategorized", name).json
        assert said["contents"] == [row["sha256"]]


@pytest.mark.parametrize("name", ["nowhere.png", "0123456789abcdef", "", "\0", "../x"])
def test_names_of_nothing(run: Any, out: Path, name: str) -> None:
    refused = run("decide", "category", out, "csam", name, "--examiner", "e")
    assert refused.code == 2
    assert "Traceback" not in refused.err
    assert run("decide", "list", out, "--json").json == []


def test_a_file_without_a_content(run: Any, seized: Seized, out: Path) -> None:
    refused = decide(run, "category", out, "csam", seized.root / "link")
    assert refused.code == 2
    assert "symbolic link" in refused.err or "SKIPPED" in refused.err


def test_two_examiners(run: Any, seized: Seized, out: Path, tmp_path: Path) -> None:
    decide(run, "category", out, "csam", seized.root / "disk" / "alone.jpg")
    mine = tmp_path / "mine.jsonl"
    assert run("decide", "export", out, mine).code == 0
    assert run("decide", "export", out, mine).code == 2  # it is there
    other = tmp_path / "other"
    again(run, seized, other)
    (said,) = run("decide", "import", other, mine, "--json").json
    assert (said["added"], said["there"]) == (1, 0)
    (said,) = run("decide", "import", other, mine, "--json").json
    assert (said["added"], said["there"]) == (0, 1)
    table = tmp_path / "mine.csv"
    assert run("decide", "export", out, table).code == 0
    assert "alone.jpg" in table.read_text(encoding="utf-8-sig")


def test_nothing_to_decide_about(run: Any, tmp_path: Path) -> None:
    refused = run("decide", "category", tmp_path / "nowhere", "csam", "x")
    assert refused.code == 2
    assert not (tmp_path / "nowhere").exists()


def test_words_for_people(run: Any, seized: Seized, out: Path) -> None:
    made = run("decide", "same", out, seized.root / "disk" / "a.png", "--examiner", "e")
    assert made.code == 2  # one file is no pair
    made = run(
        *("decide", "category", out, "csam", seized.root / "disk" / "a.png"),
        *("--examiner", "e", "--note", "seen twice\x1b[31m"),
    )
    assert made.code == 0
    assert "category csam" in made.out
    assert "\x1b" not in made.out
