"""Keys: from a private file or the environment, and in no message."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import DatabaseError, InputError
from hashmatch.store import DatabaseKey, find_key, read_key_file
from hashmatch.store.database_key import MAX_BYTES

RAW = "0123456789abcdefABCDEF0123456789" * 2
PHRASE = "correct horse's battery"


def key_file(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        (RAW, f"\"x'{RAW}'\""),
        (RAW + "\n", f"\"x'{RAW}'\""),
        (RAW[:-1], f"'{RAW[:-1]}'"),
        (PHRASE, "'correct horse''s battery'"),
        (PHRASE + "\r\n", "'correct horse''s battery'"),
        ("Paßwort mit Ümlauten", "'Paßwort mit Ümlauten'"),
    ],
)
def test_forms(text: str, literal: str) -> None:
    assert DatabaseKey(text, origin="x").literal() == literal


@pytest.mark.parametrize(
    "text", ["", "\n", "short secret"[:11], "secret\0secretsecret", "secret\nsecretsecret",
             f"x'{RAW}'", f"X'{RAW}secret'"]
)  # fmt: skip
def test_what_is_no_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(DatabaseError, match="the file: expected a key of") as caught:
        DatabaseKey(text, origin="the file")
    assert "secret" not in str(caught.value)
    assert RAW not in str(caught.value)


def test_a_key_shows_itself_nowhere() -> None:
    key = DatabaseKey(PHRASE, origin="x")
    assert "horse" not in repr(key) + str(key) + f"{[key]} {key:}"
    with pytest.raises(TypeError):
        pickle.dumps(key)


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=60))
def test_any_text_is_one_literal_or_refused(text: str) -> None:
    try:
        literal = DatabaseKey(text, origin="x").literal()
    except DatabaseError:
        return
    inside = literal[1:-1]
    if literal[0] == "'":
        assert "'" not in inside.replace("''", "")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o777])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = key_file(tmp_path / "key", RAW.encode(), mode)
    with pytest.raises(DatabaseError, match=f"mode 0600, got mode {mode:04o}") as caught:
        read_key_file(path)
    assert RAW not in str(caught.value)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file(tmp_path: Path, mode: int) -> None:
    assert read_key_file(key_file(tmp_path / "key", RAW.encode() + b"\n", mode)).raw


@pytest.mark.parametrize("content", [b"", b"\xffsecretsecret", b"s" * (MAX_BYTES + 1)])
def test_bad_content_is_refused_and_not_quoted(tmp_path: Path, content: bytes) -> None:
    path = key_file(tmp_path / "key", content)
    with pytest.raises(DatabaseError, match="key: expected") as caught:
        read_key_file(path)
    assert "ss" not in str(caught.value).replace(str(path), "")
    assert caught.value.__cause__ is None


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing"):
        with pytest.raises(DatabaseError):
            read_key_file(path)


def test_where_the_key_comes_from(tmp_path: Path) -> None:
    raw = key_file(tmp_path / "raw", RAW.encode())
    other = key_file(tmp_path / "other", PHRASE.encode())
    assert find_key(raw, {"HASHMATCH_KEY": PHRASE}).raw
    assert find_key(None, {"HASHMATCH_KEY_FILE": str(raw)}).raw
    assert not find_key(None, {"HASHMATCH_KEY": PHRASE}).raw
    assert find_key(raw, {"HASHMATCH_KEY_FILE": str(other)}).raw
    with pytest.raises(DatabaseError, match="HASHMATCH_KEY_FILE"):
        find_key(None, {"HASHMATCH_KEY": "", "HASHMATCH_KEY_FILE": ""})
    with pytest.raises(InputError, match="got both") as caught:
        find_key(None, {"HASHMATCH_KEY": PHRASE, "HASHMATCH_KEY_FILE": str(raw)})
    assert "horse" not in str(caught.value)
    with pytest.raises(DatabaseError, match="HASHMATCH_KEY: expected") as refused:
        find_key(None, {"HASHMATCH_KEY": "secret"})
    assert "secret" not in str(refused.value)
