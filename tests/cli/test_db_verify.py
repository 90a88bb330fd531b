"""``hashmatch db verify`` and ``rekey``: whole or not, and another key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hashmatch.database import open_database


def test_a_whole_database(run: Any, db: Path) -> None:
    outcome = run("db", "verify", db)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{db}: whole at revision 0; ")
    (values,) = run("db", "verify", db, "--json").json
    assert (values["sound"], values["problems"], values["audit_entries"]) == (True, [], 1)


def test_what_is_wrong_is_named(run: Any, db: Path) -> None:
    with open_database(db) as database, database._store.writing() as connection:
        connection.exec_driver_sql("UPDATE audit SET actor = 'eve'")
    outcome = run("db", "verify", db)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "audit entry 1: its content was changed\n"
    (values,) = run("db", "verify", db, "--json").json
    assert (values["sound"], values["audit_entries"]) == (False, None)


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    made = tmp_path / "old", tmp_path / "new"
    for path, key in zip(made, ("0a" * 32, "a new passphrase"), strict=True):
        path.write_text(key)
        path.chmod(0o600)
    monkeypatch.delenv("HASHMATCH_KEY", raising=False)
    monkeypatch.setenv("HASHMATCH_KEY_FILE", str(made[0]))
    return made


def test_an_encrypted_database_and_its_new_key(
    run: Any, tmp_path: Path, keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite+cipher:///{tmp_path / 'x.db'}"
    assert run("db", "init", url).code == 0
    assert run("db", "verify", url).code == 0
    assert run("db", "stats", url).code == 0
    (values,) = run("db", "rekey", url, "--new-key-file", keys[1], "--json").json
    assert values == {"schema": "hashmatch.db.rekey/1", "database": url}
    refused = run("db", "stats", url)
    assert refused.code == 2
    assert "the key does not open it" in refused.err
    monkeypatch.setenv("HASHMATCH_KEY_FILE", str(keys[1]))
    actions = [entry["action"] for entry in run("audit", "show", url, "--json").json]
    assert actions == ["init", "rekey"]


def test_what_an_encrypted_database_refuses_is_written_where_it_is_said_only(
    run: Any, tmp_path: Path, keys: tuple[Path, Path]
) -> None:
    """The file of refusals quotes the list, and is not encrypted."""
    folder = tmp_path / "data"
    folder.mkdir()
    url = f"sqlite+cipher:///{folder / 'x.db'}"
    run("db", "init", url)
    listed = tmp_path / "list.json"
    header = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
    media = [{"MediaID": 1, "Category": 1, "SHA1": "ab" * 20, "MD5": "Zwetschgenwasser"}]
    listed.write_text(json.dumps({"@odata.context": header, "value": media}))
    asked = ("db", "import", url, listed, "--source", "s")
    (values,) = run(*asked, "--json").json
    assert (values["field_rejects"], values["rejects_file"]) == (1, None)
    assert all(b"Zwetschgen" not in file.read_bytes() for file in folder.iterdir())
    (again,) = run(*asked, "--json", "--rejects", tmp_path / "refused").json
    assert again["rejects_file"] == str(tmp_path / "refused")
    assert b"Zwetschgen" in (tmp_path / "refused").read_bytes()


def test_rekeying_a_plain_database_is_refused(run: Any, db: Path, keys: tuple[Path, Path]) -> None:
    outcome = run("db", "rekey", db, "--new-key-file", keys[1])
    assert outcome.code == 2
    assert "sqlite+cipher" in outcome.err
