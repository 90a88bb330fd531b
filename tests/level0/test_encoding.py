"""Hashes as text: fixed length, strict, positions in the errors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.encoding import format_hex, parse_hex
from hashmatch.errors import HashFormatError, HashmatchError, InputTypeError

GOOD = "af18" * 16


@given(st.binary(min_size=32, max_size=32))
def test_round_trip(value: bytes) -> None:
    text = format_hex(value)
    assert len(text) == 64
    assert text == text.lower()
    assert parse_hex(text, 32, name="pdq hash") == value
    assert parse_hex(text.upper(), 32, name="pdq hash") == value


@pytest.mark.parametrize("number", [0, 1, 2**60, 15 << 220, 2**256 - 1])
def test_leading_zeros_are_kept(number: int) -> None:
    value = number.to_bytes(32, "big")
    text = format_hex(value)
    assert text == f"{number:064x}"
    assert parse_hex(text, 32, name="pdq hash") == value


BAD_CHARACTERS: dict[str, tuple[str, int]] = {
    "prefix": ("0x" + GOOD[2:], 1),
    "leading space": (" " + GOOD[1:], 0),
    "trailing space": (GOOD[:-1] + " ", 63),
    "newline after": (GOOD + "\n", 64),
    "separator": (GOOD[:8] + "-" + GOOD[9:], 8),
    "letter": (GOOD[:10] + "g" + GOOD[11:], 10),
    "full-width digit": ("\uff11" + GOOD[1:], 0),
    "arabic digit": (GOOD[:5] + "\u0663" + GOOD[6:], 5),
    "dotless i": (GOOD[:-1] + "\u0131", 63),
    "null": ("\0" + GOOD[1:], 0),
    "minus": ("-" + GOOD[1:], 0),
    "underscore": (GOOD[:4] + "_" + GOOD[5:], 4),
}


@pytest.mark.parametrize("case", sorted(BAD_CHARACTERS))
def test_anything_but_a_hex_digit_is_refused_with_its_position(case: str) -> None:
    text, position = BAD_CHARACTERS[case]
    with pytest.raises(HashFormatError) as raised:
        parse_hex(text, 32, name="pdq hash")
    message = str(raised.value)
    assert message.startswith("pdq hash: expected 64 hex digits, got ")
    assert f"at position {position} of" in message


@pytest.mark.parametrize("text", ["", "a", GOOD[:-1], GOOD[:-2], GOOD + "0", GOOD + "00"])
def test_any_other_length_is_refused(text: str) -> None:
    with pytest.raises(HashFormatError, match=f"expected 64 hex digits, got {len(text)}: "):
        parse_hex(text, 32, name="pdq hash")


@given(st.text(max_size=70))
def test_no_text_passes_by_chance(text: str) -> None:
    try:
        value = parse_hex(text, 4, name="x")
    except HashFormatError:
        assert len(text) != 8 or not set(text) <= set("0123456789abcdefABCDEF")
    else:
        assert text.lower() == value.hex()


def test_a_hostile_text_is_cut_in_the_message() -> None:
    with pytest.raises(HashFormatError) as raised:
        parse_hex("a" * 10**6, 32, name="sha256")
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("value", [None, b"af18", 0xAF18, ["af"]])
def test_text_must_be_text(value: Any) -> None:
    with pytest.raises(InputTypeError, match="md5: expected hex text, got ") as raised:
        parse_hex(value, 16, name="md5")
    assert isinstance(raised.value, HashmatchError)
    assert isinstance(raised.value, TypeError)
