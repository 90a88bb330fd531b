"""``hashmatch audit``: what was done, and proof of it, from the command line."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record

from hashmatch.database import open_database


@pytest.fixture
def filled(db: Path) -> Path:
    """init by the account, import by ann, withdraw by bob, check by ann."""
    with open_database(db) as database:
        database.import_records([record("1", digests_of(b"x"))], source="List", actor="ann")
        database.withdraw(source="List", record_key="1", reason="\x1b[31m", actor="bob")
        database.record_audit("check", {"n": 1}, "ann")
    return db


@pytest.fixture
def key(run: Any, tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    assert run("audit", "keygen", "--out", path).code == 0
    return path


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), [1, 2, 3, 4]),
        (("--since", 3), [3, 4]),
        (("--since", 9), []),
        (("--last", 2), [3, 4]),
        (("--last", 99), [1, 2, 3, 4]),
        (("--action", "import"), [2]),
        (("--actor", "ann"), [2, 4]),
        (("--actor", "ann", "--last", 1), [4]),
        (("--actor", "ann", "--since", 3, "--action", "import"), []),
    ],
)
def test_show(run: Any, filled: Path, options: tuple[Any, ...], expected: list[int]) -> None:
    outcome = run("audit", "show", filled, *options, "--json")
    assert outcome.code == 0
    assert [values["seq"] for values in outcome.json] == expected
    for_people = run("audit", "show", filled, *options)
    assert [int(line.split()[0]) for line in for_people.out.splitlines()] == expected


def test_what_is_shown(run: Any, filled: Path) -> None:
    (values,) = run(
        "audit", "show", filled, "--since", 3, "--last", 2, "--action", "withdraw", "--json"
    ).json
    assert (values["actor"], values["action"], values["revision"]) == ("bob", "withdraw", 2)
    assert values["details"]["record_key"] == "1"
    line = run("audit", "show", filled, "--action", "withdraw").out
    assert "bob" in line
    assert "\x1b" not in line


def test_verify_names_the_first_bad_entry(run: Any, filled: Path) -> None:
    good = run("audit", "verify", filled)
    assert (good.code, good.out.splitlines()[0]) == (0, f"{filled}: 4 entries, whole")
    with open_database(filled) as database, database._store.writing() as connection:
        connection.exec_driver_sql("UPDATE audit SET actor = 'eve' WHERE seq = 3")
    outcome = run("audit", "verify", filled, "--json")
    assert outcome.code == 2
    assert outcome.json[-1]["error"] == {
        "type": "AuditTamperedError",
        "message": "audit entry 3: its content was changed",
    }


def test_a_checkpoint_holds_until_the_log_is_rewritten(
    run: Any, filled: Path, key: Path, tmp_path: Path
) -> None:
    signed = tmp_path / "signed.json"
    made = run("audit", "checkpoint", filled, "--key", key, "--out", signed)
    assert made.code == 0
    assert made.out.startswith("signed entry 5 at revision 2 ")
    content = json.loads(signed.read_bytes())
    assert (content["seq"], content["revision"]) == (5, 2)
    verify = ("audit", "verify", filled, "--checkpoint", signed, "--public-key", f"{key}.pub")
    good = run(*verify)
    assert (good.code, good.out.splitlines()[0]) == (
        0,
        f"{filled}: 5 entries, whole, 1 checkpoints hold",
    )
    with open_database(filled) as database:
        database.record_audit("check", {})
    assert run(*verify).code == 0
    other = tmp_path / "other.db"
    run("db", "init", other)
    wrong = run("audit", "verify", other, *verify[3:])
    assert wrong.code == 2
    assert "of the database" in wrong.err


def test_a_checkpoint_is_never_overwritten_and_signs_no_broken_log(
    run: Any, filled: Path, key: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.json"
    taken.write_text("mine")
    outcome = run("audit", "checkpoint", filled, "--key", key, "--out", taken)
    assert outcome.code == 2
    assert "never overwritten" in outcome.err
    assert taken.read_text() == "mine"
    with open_database(filled) as database:
        assert database.verify_audit() == 4  # and nothing was entered
        with database._store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM audit WHERE seq = 2")
    out = tmp_path / "new.json"
    outcome = run("audit", "checkpoint", filled, "--key", key, "--out", out)
    assert outcome.code == 2
    assert "audit entry 2: missing" in outcome.err
    assert not out.exists()


@pytest.mark.parametrize("given", [("--checkpoint", "x"), ("--public-key", "x")])
def test_checkpoint_and_key_belong_together(run: Any, filled: Path, given: Any) -> None:
    outcome = run("audit", "verify", filled, *given)
    assert outcome.code == 2
    assert "together" in outcome.err


def test_keygen(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "k"
    outcome = run("audit", "keygen", "--out", path)
    assert outcome.code == 0
    public = tmp_path / "k.pub"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"PRIVATE" not in public.read_bytes()
    before = path.read_bytes(), public.read_bytes()
    assert run("audit", "keygen", "--out", path).code == 2
    assert (path.read_bytes(), public.read_bytes()) == before
    path.unlink()
    assert run("audit", "keygen", "--out", path).code == 2  # the public one is there
    assert not path.exists()
