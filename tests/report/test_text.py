"""Texts of an exhibit: nothing unseen, nothing unbounded, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.cli import csv_output
from hashmatch.report import text

ANY = st.text(st.characters(codec=None, exclude_categories=()))
NASTY = st.text(st.sampled_from("a\u202e\u2066\x00\x1b\n\r\t\u2028\ufeff\udce4\ud800\U000e0001=+"))


@given(ANY | NASTY)
def test_what_is_shown_can_be_seen_and_encoded(value: str) -> None:
    assert text.shown(value).isprintable()
    text.shown(value).encode()


def test_how_it_is_shown() -> None:
    assert text.shown("naïve файл 照片.jpg") == "naïve файл 照片.jpg"
    assert text.shown("a\u202egpj.exe") == "a\\u202egpj.exe"
    assert text.shown("\x07\n\udce4") == "\\x07\\n\\xe4"


@given(ANY | NASTY, st.integers(100, 300))
def test_what_is_bounded_is_short(value: str, most: int) -> None:
    made = text.bounded(value, most)
    assert made.isprintable()
    assert len(made) <= most + 40
    if len(text.shown(value)) <= most:
        assert made == text.shown(value)


def test_a_long_name_keeps_its_ending_and_says_how_long_it_is() -> None:
    made = text.bounded("x" * 10_236 + ".jpg")
    assert made.startswith("xxx")
    assert made.endswith("x.jpg (10,240 characters)")
    assert " … " in made
    unseen = text.bounded("\u202e" * 10_000)
    assert len(unseen) < 300
    assert "\u202e" not in unseen


@given(st.binary())
def test_the_bytes_of_a_path_come_back(name: bytes) -> None:
    assert text.path_bytes(name.decode("utf-8", "surrogateescape")) == name


@given(ANY)
def test_no_path_is_refused(value: str) -> None:
    assert isinstance(text.path_bytes(value), bytes)


@given(ANY)
def test_unicode_text_changes_surrogates_alone(value: str) -> None:
    made = text.unicode_text(value)
    made.encode()
    if not any("\ud800" <= c <= "\udfff" for c in value):
        assert made == value


def test_cells_are_guarded_as_on_stdout() -> None:
    """Two rooms write CSV and may not import each other."""
    assert text.FORMULA == csv_output._FORMULA
    for value in (None, True, False, -3, 2.5, "=1+1", "@x", "-a", "+", "a=b", "'x", ""):
        assert text.cell(value) == csv_output._cell(value)
    assert text.cell("\t=1") == "\\t=1"


@pytest.mark.parametrize(
    ("size", "words"),
    [(None, ""), (0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 40, "5.0 TiB")],
)
def test_sizes_in_words(size: int | None, words: str) -> None:
    assert text.size_text(size) == words
    assert text.size_text(5 << 50) == "5,120.0 TiB"
