"""Any Python text in a database column, and the same text back.

SQLite cannot hold a lone surrogate (it is no Unicode text) and PostgreSQL cannot hold U+0000,
but lists contain both, and no record is to be lost for it. ``encode_text`` writes each such
character as U+001A (SUBSTITUTE) and four hex digits, and U+001A itself likewise; every other
text is stored as it is. The mapping is one to one, so equal texts stay equal in comparisons.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_has_unstorable = _UNSTORABLE.search
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")


def encode_text(text: str) -> str:
    """The form of ``text`` that every supported database stores and compares exactly."""
    # Every unstorable character is unprintable, and this is the faster question.
    if text.isprintable() or _has_unstorable(text) is None:
        return text
    return _UNSTORABLE.sub(lambda found: f"\x1a{ord(found[0]):04x}", text)


def decode_text(stored: str) -> str:
    """The text that ``encode_text`` was given."""
    if "\x1a" not in stored:
        return stored
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), stored)


class SafeText(TypeDecorator[str]):
    """A text column that gives back exactly what was put in.

    Rows that go to the driver directly (``store.bulk``) call ``encode_text`` themselves.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # On every server texts are equal, and in order, by their bytes: as in SQLite.
        plain = Text(collation="C") if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(plain)

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else encode_text(value)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        # SQLite columns hold any type; what someone else wrote there is for the reader to judge.
        return decode_text(value) if isinstance(value, str) else value
