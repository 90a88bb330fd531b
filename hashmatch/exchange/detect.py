"""Which format the first bytes of a file are of. By content: names and suffixes lie."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hashmatch.errors import UnknownFormatError
from hashmatch.exchange.icse_header import find_header
from hashmatch.exchange.source import shown

UTF8_BOM = b"\xef\xbb\xbf"
_JSON_SPACE = b" \t\r\n"


def looks_like_icse(head: bytes) -> bool:
    """An INTERPOL ICSE table: a header line with its key columns, in any order."""
    header = find_header(head)
    return header is not None and header.is_icse


def looks_like_vics(head: bytes) -> bool:
    """A JSON document with a Project VIC context, or whose records are media or cases."""
    if not head.removeprefix(UTF8_BOM).lstrip(_JSON_SPACE).startswith((b"{", b"[")):
        return False
    from hashmatch.exchange.vics_head import read_head

    found = read_head(iter([head]), "")
    return found.has_vics_context or found.records_are is not None


def unknown_format(path: Path, head: bytes, expected: Iterable[str]) -> UnknownFormatError:
    return UnknownFormatError(
        f"{path}: unknown format, expected one of {', '.join(expected)}, saw {shown(head)}"
    )
