from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hashmatch.store import decode_text, encode_text

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
@example("\x1a0000")
@example("\ud83d\ude00")
@example("\x1a")
def test_every_text_comes_back(text: str) -> None:
    assert decode_text(encode_text(text)) == text


@given(ANY_TEXT)
def test_the_stored_form_is_storable_everywhere(text: str) -> None:
    stored = encode_text(text)
    stored.encode("utf-8")
    assert "\0" not in stored


@given(ANY_TEXT, ANY_TEXT)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (encode_text(one) == encode_text(other)) == (one == other)


@pytest.mark.parametrize("text", ["", "O'Brien\"; DROP TABLE media; --", "café ☃ 😀", "\\x1a"])
def test_ordinary_text_is_stored_as_it_is(text: str) -> None:
    assert encode_text(text) == text


def test_sqlite_compares_stored_texts_exactly() -> None:
    connection = sqlite3.connect(":memory:")
    for one, other in (("a\0b", "a\0c"), ("\ud800", "\ud801")):
        equal = connection.execute("SELECT ? = ?", (encode_text(one), encode_text(other)))
        assert equal.fetchone() == (0,)
    connection.close()
