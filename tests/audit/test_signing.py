"""Keys in files and signatures of checkpoints: what does not fit is refused by name."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from hashmatch.audit import (
    AuditCheckpoint,
    NewFile,
    fingerprint,
    load_private_key,
    load_public_key,
    make_signing_key,
    read_checkpoint,
    require_signature,
    sign,
)
from hashmatch.errors import AuditError, AuditTamperedError, MissingExtraError


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    public, _ = make_signing_key(tmp_path / "key.pem")
    return tmp_path / "key.pem", public


@pytest.fixture
def signed(keys: tuple[Path, Path]) -> AuditCheckpoint:
    private = load_private_key(keys[0])
    return sign(
        AuditCheckpoint("id", 3, bytes(32), 1, "2026-11-25", fingerprint(private.public_key())),
        private,
    )


def written(path: Path, values: Any) -> Path:
    path.write_text(json.dumps(values))
    return path


def test_a_signature_survives_the_file(
    keys: tuple[Path, Path], signed: AuditCheckpoint, tmp_path: Path
) -> None:
    path = written(tmp_path / "c.json", signed.to_dict())
    again = read_checkpoint(path)
    assert again == signed
    require_signature(again, load_public_key(keys[1]), where="c.json")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_id", "other"),
        ("seq", 4),
        ("digest", "11" * 32),
        ("revision", 2),
        ("time", "2026-11-26"),
        ("signature", "00" * 64),
    ],
)
def test_any_changed_member_breaks_the_signature(
    keys: tuple[Path, Path], signed: AuditCheckpoint, tmp_path: Path, name: str, value: object
) -> None:
    path = written(tmp_path / "c.json", {**signed.to_dict(), name: value})
    with pytest.raises(AuditTamperedError, match=r"c\.json: its signature does not fit"):
        require_signature(read_checkpoint(path), load_public_key(keys[1]), where="c.json")


def test_another_key(signed: AuditCheckpoint, tmp_path: Path) -> None:
    other, known = make_signing_key(tmp_path / "other.pem")
    with pytest.raises(AuditTamperedError, match=known):
        require_signature(signed, load_public_key(other), where="x")


@pytest.mark.parametrize(
    "change",
    [
        lambda v: [],
        lambda v: {**v, "format": "hashmatch.audit.checkpoint/2"},
        lambda v: {**v, "more": 1},
        lambda v: {k: x for k, x in v.items() if k != "seq"},
        lambda v: {**v, "seq": "3"},
        lambda v: {**v, "seq": True},
        lambda v: {**v, "revision": -1},
        lambda v: {**v, "time": None},
        lambda v: {**v, "digest": "00" * 31},
        lambda v: {**v, "digest": "0" * 64 + "\n"},
        lambda v: {**v, "signature": "AB" * 64},
    ],
)
def test_what_is_no_checkpoint_is_refused(
    signed: AuditCheckpoint, tmp_path: Path, change: Any
) -> None:
    path = written(tmp_path / "c.json", change(signed.to_dict()))
    with pytest.raises(AuditError, match=r"c\.json: "):
        read_checkpoint(path)


@pytest.mark.parametrize("content", [b"", b"\xff", b"{" * 60000, b" " * 70000])
def test_hostile_checkpoints(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(AuditError, match=r"c\.json"):
        read_checkpoint(path)
    with pytest.raises(AuditError, match="can't read"):
        read_checkpoint(tmp_path / "missing")


def test_a_key_that_others_may_read_is_refused(keys: tuple[Path, Path]) -> None:
    for mode in (0o640, 0o604, 0o666):
        keys[0].chmod(mode)
        with pytest.raises(AuditError, match=f"got mode {mode:04o}"):
            load_private_key(keys[0])
    keys[0].chmod(0o400)
    assert load_private_key(keys[0])


def _pem(key: Any, password: bytes | None = None) -> bytes:
    encryption: Any = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return bytes(key.private_bytes(*form, encryption))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"secret text",
        _pem(ec.generate_private_key(ec.SECP256R1())),
        _pem(ed25519.Ed25519PrivateKey.generate(), b"passphrase"),
    ],
)
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "k"
    path.write_bytes(content)
    path.chmod(0o600)
    for load in (load_private_key, load_public_key):
        with pytest.raises(AuditError, match="Ed25519") as caught:
            load(path)
        assert "secret" not in str(caught.value)


def test_a_key_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(AuditError):
            load_private_key(path)


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(MissingExtraError, match=r"hashmatch\[signing\]"):
        make_signing_key(tmp_path / "k")
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_goes_away_if_its_work_fails(tmp_path: Path) -> None:
    path = tmp_path / "f"

    def fail() -> None:
        with NewFile(path, mode=0o600):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not path.exists()
    with NewFile(path, mode=0o600) as file:
        file.write(b"x")
    assert path.read_bytes() == b"x"
    with pytest.raises(AuditError, match="never overwritten"):
        NewFile(path, mode=0o600)
    assert path.read_bytes() == b"x"
