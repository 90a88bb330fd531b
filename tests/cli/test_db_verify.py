"""``hashmatch db verify`` and ``rekey``: whole or not, and another key."""

from __future__ import annotations

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


def test_rekeying_a_plain_database_is_refused(run: Any, db: Path, keys: tuple[Path, Path]) -> None:
    outcome = run("db", "rekey", db, "--new-key-file", keys[1])
    assert outcome.code == 2
    assert "sqlite+cipher" in outcome.err
