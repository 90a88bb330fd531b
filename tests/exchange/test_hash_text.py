"""A damaged hash is refused; it never becomes another hash."""

from __future__ import annotations

import base64

import pytest

from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.hash_text import Encoding, read_hash_text

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
TEXT = base64.b64encode(bytes.fromhex(MD5)).decode()


def read(text: str, encoding: Encoding = "auto") -> str | None:
    fields = FieldReader(1)
    digests, _ = read_hash_text(fields, "Hash", text, "md5", encoding=encoding)
    assert bool(digests) is not bool(fields.rejects)
    return digests.md5


def test_base64_is_read_as_it_is_written() -> None:
    assert read(TEXT) == MD5
    assert read(TEXT.rstrip("="), "base64") == MD5


@pytest.mark.parametrize("text", ["477dab6fcontextualacts", TEXT.rstrip("="), MD5[:21] + "g"])
def test_the_rest_of_a_hex_text_is_no_base64(text: str) -> None:
    """22 characters are the base64 of an MD5 without padding, and half of a damaged MD5."""
    assert len(text) == 22
    assert read(text) is None


def test_bits_that_no_encoder_writes() -> None:
    assert TEXT[21] == "g"
    assert read(TEXT[:21] + "h==") is None
    assert read(TEXT[:21] + "h==", "base64") is None
