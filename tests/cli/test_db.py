"""``hashmatch db``: lists in and out; what is broken is told and never half imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pictures import photograph, png

from hashmatch.cli.demo_lists import ICSE_COLUMNS, write_icse, write_national
from hashmatch.fingerprinting import ImageFingerprint, hash_image

SAID = ("astronaut", "camera", "chelsea", "rocket")


@pytest.fixture(scope="module")
def known() -> dict[str, ImageFingerprint]:
    return {name: hash_image(png(photograph(n))) for n, name in enumerate(SAID, start=110)}


@pytest.fixture
def icse(tmp_path: Path, known: dict[str, ImageFingerprint]) -> Path:
    path = tmp_path / "icse.csv"
    write_icse(path, known)
    return path


@pytest.fixture
def national(tmp_path: Path, known: dict[str, ImageFingerprint]) -> Path:
    path = tmp_path / "national.json"
    write_national(path, known)
    return path


def stats(run: Any, db: Path) -> dict[str, Any]:
    (values,) = run("db", "stats", db, "--json").json
    return dict(values)


def test_init(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    outcome = run("db", "init", path)
    assert (outcome.code, outcome.out) == (0, f"created {path} at revision 0\n")
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    again = run("db", "init", path)
    assert again.code == 2
    assert "nothing was changed" in again.err
    assert path.read_bytes() == content


def test_import_and_export(run: Any, db: Path, icse: Path, national: Path, tmp_path: Path) -> None:
    first = run("db", "import", db, icse, "--source", "ICSE")
    assert first.code == 0
    assert first.out.startswith("ICSE: icse-csv, scheme icse-baseline, revision 1\n  4 added, ")
    assert first.err == "import: 4 seen = 4 done + 0 low-information + 0 rejected + 0 failed\n"
    (again,) = run("db", "import", db, icse, "--source", "ICSE", "--json").json
    assert (again["unchanged"], again["added"], again["revision"]) == (4, 0, 1)
    assert run("db", "import", db, national, "--source", "National").code == 0
    values = stats(run, db)
    assert (values["media"], values["opinions"], values["conflicts"]) == (4, 8, 1)
    out = [tmp_path / "one.json", tmp_path / "two.json"]
    for path in out:
        assert run("db", "export", db, path).code == 0
    assert out[0].read_bytes() == out[1].read_bytes()
    refused = run("db", "export", db, out[0])
    assert refused.code == 2
    assert str(out[0]) in refused.err
    assert run("db", "export", db, out[0], "--overwrite").code == 0
    table = run("db", "stats", db)
    assert "Revision 2: 4 media, about which 8 statements of 2 sources hold; " in table.out
    assert "Media by source:\n  ICSE      4\n  National  4\n" in table.out


def test_filters(run: Any, db: Path, icse: Path, national: Path, tmp_path: Path) -> None:
    run("db", "import", db, icse, "--source", "ICSE")
    run("db", "import", db, national, "--source", "National")
    for number, (arguments, media) in enumerate(
        [
            (("--source", "ICSE"), 4),
            (("--baseline",), 3),
            (("--not-baseline",), 1),
            (("--label", "csam"), 4),
            (("--label", "non_pertinent"), 0),
            (("--not-in", "ICSE"), 0),
        ]
    ):
        outcome = run("db", "export", db, tmp_path / f"{number}.json", "--json", *arguments)
        assert outcome.json[0]["media"] == media, arguments
    assert run("db", "export", db, tmp_path / "x.json", "--source", "nobody").code == 2
    assert not (tmp_path / "x.json").exists()


def test_a_broken_row(run: Any, db: Path, icse: Path) -> None:
    """The good ones are in; the bad one is counted, with its reason, and gives code 2."""
    lines = icse.read_text(encoding="utf-8").splitlines()
    lines.insert(2, "zz;;;;;bad" + ";" * 11)
    icse.write_text("\n".join(lines), encoding="utf-8")
    outcome = run("db", "import", db, icse, "--source", "ICSE")
    assert outcome.code == 2
    assert "import: 5 seen = 4 done + 0 low-information + 1 rejected + 0 failed" in outcome.err
    assert "refused: " in outcome.out
    assert stats(run, db)["opinions"] == 4


def test_ordinary_defects_of_a_list(run: Any, db: Path, icse: Path) -> None:
    """B01: BOM, CRLF, blank lines, the header twice, a trailing cell, stray quotes."""
    header, *rows = icse.read_text(encoding="utf-8").splitlines()
    rows[1] = rows[1].replace("DEMO-SERIES", 'the "blue" room')
    text = "\r\n".join([header, rows[0], "", rows[1], header, *rows[2:], "", ""])
    icse.write_bytes(b"\xef\xbb\xbf" + text.encode())
    outcome = run("db", "import", db, icse, "--source", "ICSE", "--json")
    (values,) = outcome.json
    assert (values["added"], values["rejected"]) == (4, 0)
    assert values["warnings"]["repeated header line"] == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-2],
        lambda data: b"",
        lambda data: b"{}",
        lambda data: b"\x89PNG\r\n\x1a\n" + data,
        lambda data: "\n".join(ICSE_COLUMNS).encode("utf-16"),
    ],
    ids=["half", "no end", "empty", "another object", "a picture", "UTF-16"],
)
def test_broken_lists_change_nothing(run: Any, db: Path, national: Path, damage: Any) -> None:
    before = stats(run, db)
    national.write_bytes(damage(national.read_bytes()))
    outcome = run("db", "import", db, national, "--source", "National", "--json")
    assert outcome.code == 2
    error = outcome.json[-1]["error"]
    assert str(national) in error["message"]
    assert error["type"] in ("ExchangeError", "UnknownFormatError")
    assert stats(run, db) == before


def test_complete_lists_withdraw(run: Any, db: Path, icse: Path) -> None:
    run("db", "import", db, icse, "--source", "ICSE")
    lines = icse.read_text(encoding="utf-8").splitlines()
    icse.write_text("\n".join(lines[:-1]), encoding="utf-8")
    (values,) = run("db", "import", db, icse, "--source", "ICSE", "--complete", "--json").json
    assert (values["unchanged"], values["withdrawn"]) == (3, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "nonsense"),
        ("--scheme", "nonsense"),
        ("--source", ""),
    ],
)
def test_wrong_options(run: Any, db: Path, icse: Path, arguments: tuple[str, ...]) -> None:
    outcome = run("db", "import", db, icse, "--source", "ICSE", *arguments)
    assert outcome.code == 2
    assert "hashmatch: error: " in outcome.err
    assert stats(run, db)["opinions"] == 0


def test_lists_that_are_missing(run: Any, db: Path, tmp_path: Path) -> None:
    outcome = run("db", "import", db, tmp_path / "missing.csv", "--source", "A", "--json")
    assert outcome.code == 2
    assert "missing.csv" in json.dumps(outcome.json)
    assert stats(run, db)["by_source"] == {}
