"""What the first lines of a text file say about it, if it is a plain list of hashes.

Layouts: one hash a line; a first line that names the type (X-Ways, or a column of a table with one
column); checksum files of md5sum and its relatives, GNU and BSD. Anything with cells is a table and
not a plain list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from hashmatch.exchange.hash_text import UNDECLARED, looks_damaged, type_of

_MAX_LINES = 200
_COMMENTS = ("#", ";")
_SLASHES = "//"
_BSD = re.compile(r"(MD5|SHA1|SHA256|SHA512) ?\((.*)\) ?= ?([0-9a-fA-F]+)").fullmatch
_GNU = re.compile(r"\\?([0-9a-fA-F]{32,128})(  | \*|[ \t]+)(\S.*)").fullmatch
_XWAYS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256"}
_TYPES: dict[str, str | None] = {
    **{
        form.format(word): kind
        for word, kind in (
            ("md5", "md5"),
            ("sha1", "sha1"),
            ("sha256", "sha256"),
            ("photodna", "photodna"),
            ("pdna", "photodna"),
            ("pdq", "pdq"),
        )
        for form in ("{}", "{}sum", "{}hash", "{}hex", "{}value", "hash{}")
    },
    **dict.fromkeys(("hash", "hashes", "hashvalue"), None),
}
_SPACING = re.compile(r"[\s_-]+").sub


def is_hash_column(name: str) -> bool:
    """Whether a column of this name holds hashes, however it is spelled: "SHA-1", "md5_hash"."""
    return _plain(name) in _TYPES


def column_type(name: str) -> str | None:
    """The type that a column of this name can only hold; None where it holds any ("Hash")."""
    return _TYPES.get(_plain(name))


def _plain(name: str) -> str:
    return _SPACING("", name.strip().strip("\"'").lower())


class Layout(StrEnum):
    """How the lines of a plain list are built."""

    BARE = "plain-list"
    XWAYS = "xways-text"
    CHECKSUMS = "md5sum"


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line taken apart.

    Attributes:
        value: the hash as it stands there.
        declared: the type that the line itself names, or that its layout leaves no doubt about.
        has_name: whether a file name follows, which is never kept.
        second: whether what follows is a hash, too: then the line is a row of a table.
    """

    value: str
    declared: str | None = None
    has_name: bool = False
    second: bool = False


@dataclass(frozen=True, slots=True)
class ListSample:
    """The beginning of a plain list.

    Attributes:
        layout: of its lines.
        title: the first line where it is no hash; None where there is none.
        declared: the type that ``title`` names.
        types: of the values seen, ``UNDECLARED`` among them.
    """

    layout: Layout
    title: str | None
    declared: str | None
    types: frozenset[str]


def is_comment(text: str) -> bool:
    """Whether a line without its margins says nothing to a program."""
    if text.startswith(_SLASHES):
        return type_of(text) is None  # one of 4,096 hashes in base64 begins like this
    return not text or text.startswith(_COMMENTS)


def title_type(text: str) -> tuple[bool, str | None]:
    """Whether a line is the title of a column of hashes, and the type that it names."""
    return is_hash_column(text), column_type(text)


def split_line(text: str) -> ListLine:
    """Take a line without margins apart; a line of another layout is all value."""
    if found := _BSD(text):
        return ListLine(found[3], found[1].lower(), has_name=bool(found[2]))
    if found := _GNU(text):
        rest = found[3].strip()
        # Two blanks or a blank and a star are of the checksum tools; a lone blank is anybody's.
        sure = len(found[1]) == 64 and found[2] in ("  ", " *")
        return ListLine(
            found[1], "sha256" if sure else None, has_name=True, second=type_of(rest) is not None
        )
    return ListLine(text.strip("\"',;"))


def sample_list(head: bytes) -> ListSample | None:
    """What a plain list the head is of; None where it is none."""
    if b"\0" in head:
        return None
    lines = head.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    rest = []
    if len(lines) > 1 and not head.endswith(b"\n"):
        rest = [lines.pop().strip()]  # cut in two by the end of the head, perhaps
    told = [text for line in lines if not is_comment(text := line.strip())][:_MAX_LINES]
    if not told:
        return None
    title, declared = None, None
    is_title, named = title_type(told[0])
    if is_title:
        title, declared = told[0], named
        told = told[1:] or rest
    types: set[str] = set()
    named_files = damaged = others = 0
    for text in told:
        line = split_line(text)
        kind = None if line.second else line.declared or type_of(line.value)
        if kind is None:
            damaged += looks_damaged(text)
            others += not looks_damaged(text)
            continue
        types.add(kind)
        named_files += line.has_name
    good = len(told) - damaged - others
    first = split_line(told[0]) if told else None
    if first is None or not good or others * 10 > len(told):
        return None
    if title is None and type_of(first.value) is None and first.declared is None:
        return None
    layout = Layout.BARE
    if title is not None and title.strip().upper() in _XWAYS and not named_files:
        layout = Layout.XWAYS
    elif 2 * named_files > good:
        layout = Layout.CHECKSUMS
    return ListSample(layout, title, declared, frozenset(types))


def is_undeclared(sample: ListSample) -> bool:
    """Whether there are values that are SHA-256 or PDQ, and nothing says which."""
    return UNDECLARED in sample.types and sample.declared is None
