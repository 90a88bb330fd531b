"""``hashmatch index`` and ``hashmatch known``: what they print, keys of their JSON, exit codes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from known_media import digests_of, record
from pictures import photograph, png

from hashmatch.database import open_database
from hashmatch.fingerprinting import hash_image

DATA = png(photograph(103))
MD5 = digests_of(DATA).md5 or ""


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        value = hash_image(DATA).hashes["pdq"]
        database.import_records([record("1", digests_of(DATA), value)], source="List")
    return db


def keys(root: Path, heading: str) -> list[str]:
    """The keys that docs/json.md gives a section."""
    text = (root / "docs" / "json.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {re.escape(heading)}$(.*?)^## ", text, re.M | re.S)
    cells = re.findall(r"^\| (`.*?) \| .* \|$", section, re.MULTILINE)
    return [key for cell in cells for key in re.findall(r"`(\w+)`", cell)]


def test_build_status_verify(run: Any, filled: Path, root: Path) -> None:
    (missing,) = run("index", "status", filled, "--json").json
    assert (missing["state"], missing["revision"]) == ("missing", None)
    assert run("index", "verify", filled).code == 2
    (built,) = run("index", "build", filled, "--json").json
    assert list(built) == keys(root, "hashmatch.index.build/1")
    assert (built["state"], built["entries"]["sha256"]) == ("built", 1)
    (again,) = run("index", "build", filled, "--json").json
    assert again["state"] == "unchanged"
    (whole,) = run("index", "build", filled, "--whole", "--json").json
    assert whole["state"] == "built"
    (status,) = run("index", "status", filled, "--json").json
    assert list(status) == keys(root, "hashmatch.index.status/1")
    assert status["state"] == "published"
    outcome = run("index", "verify", filled, "--json")
    (verified,) = outcome.json
    assert outcome.code == 0
    assert list(verified) == keys(root, "hashmatch.index.verify/1")
    assert (verified["difference"], verified["entries"]["pdq"]) == (None, 1)
    assert "agrees at revision 1" in run("index", "verify", filled).out
    assert "pdq" in run("index", "status", filled).out
    assert run("index", "crowded", filled, "--json").json == []


def test_damage_is_named_and_told(run: Any, filled: Path) -> None:
    run("index", "build", filled)
    (file,) = filled.with_name("national.db.index").glob("digests-md5-*.hmx")
    file.write_bytes(file.read_bytes()[:-1])
    outcome = run("index", "verify", filled, "--json")
    assert outcome.code == 2
    assert "digests-md5" in outcome.json[0]["difference"]
    checked = run("check", "--db", filled, "--md5", MD5)
    assert checked.code == 1
    assert checked.err.count("hashmatch: warning:") == 1
    assert "index build" in checked.err
    assert run("index", "build", filled).code == 0
    assert "warning" not in run("check", "--db", filled, "--md5", MD5).err


def test_crowded(run: Any, filled: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashmatch.database.segments.crowded.LEAST_LIMIT", 4)
    value = hash_image(DATA).hashes["pdq"]
    with open_database(filled) as database:
        for number in range(6):
            one = record(str(number), digests_of(b"%d" % number), value)
            database.import_records([one], source="Other")
    (status,) = run("index", "build", filled, "--json").json
    assert (status["crowded"], status["crowd_limits"]) == ({"pdq": 7}, {"pdq": 4})
    found = run("index", "crowded", filled, "--json").json
    assert len(found) == 7
    assert all(list(one) == keys(root, "hashmatch.index.crowded/1") for one in found)
    assert {(one["hex"], one["neighbours"]) for one in found} == {(value.hex, 6)}
    assert run("index", "crowded", filled).out.count(value.hex) == 7
    (answer,) = run("check", "--db", filled, "--pdq", value.hex, "--json").results
    assert (answer["status"], answer["n_excluded"], answer["n_entries"]) == ("NO_MATCH", 7, 0)
    (exact,) = run("check", "--db", filled, "--md5", MD5, "--json").results
    assert exact["status"] == "MATCH"


def test_known(run: Any, filled: Path, root: Path, tmp_path: Path) -> None:
    listed = tmp_path / "known.txt"
    other = digests_of(b"some library").md5
    listed.write_text(f"{other}  library\n{MD5}  listed too\n")
    outcome = run("known", "add", filled, "NSRL", listed, "--json")
    assert outcome.code == 0
    (added,) = outcome.json
    assert list(added) == keys(root, "known set")
    assert (added["schema"], added["overlap"]) == ("hashmatch.known.add/1", 1)
    assert run("known", "add", filled, "NSRL", listed).code == 2
    assert run("known", "add", filled, "NSRL", listed, "--replace").code == 0
    ignored = run("check", "--db", filled, "--md5", other)
    assert ignored.code == 0
    assert "KNOWN_IGNORABLE" in ignored.out
    assert "in known sets: NSRL" in ignored.out
    assert run("check", "--db", filled, "--md5", MD5).code == 1
    (known,) = run("known", "list", filled, "--verify", "--json").json
    assert (known["name"], known["problem"]) == ("NSRL", None)
    (file,) = filled.with_name("national.db.known").glob("*.hmx")
    file.unlink()
    verified = run("known", "list", filled, "--verify")
    assert verified.code == 2
    assert "can't be read" in verified.err
    told = run("check", "--db", filled, "--md5", other)
    assert "NO_MATCH" in told.out
    assert "known set 'NSRL' can't be asked" in told.out
    assert run("known", "restore", filled, "NSRL", listed).code == 0
    assert run("known", "remove", filled, "NSRL", "--json").json[0]["name"] == "NSRL"
    assert run("known", "remove", filled, "NSRL").code == 2
    assert run("known", "list", filled, "--json").json == []
