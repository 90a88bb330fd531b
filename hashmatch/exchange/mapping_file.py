"""Reads and checks mapping files; strict, for a typo here would lose a field of every record."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any, cast

from hashmatch.errors import InputError
from hashmatch.exchange.hash_text import ENCODINGS, HASH_TYPES, Encoding
from hashmatch.exchange.mapping import (
    FACTS,
    FIELDS,
    FLAGS,
    OUR_WORDS,
    TEXT_LISTS,
    FieldRule,
    HashRule,
    Layout,
    ListMapping,
    Place,
)
from hashmatch.exchange.mapping_table import CheckedTable
from hashmatch.exchange.schemes import UNMAPPED, normal_code
from hashmatch.facts import NO_FACTS, Facts
from hashmatch.types import Label

_MAX_BYTES = 1 << 20
TABLES = ("list", "csv", "json", "hash", "fields", "constants", "key", "category", "extra")
HASH_KEYS = ("each", "from", "type", "type_from", "types", "encoding", "quality", "frame", "time")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*").fullmatch
_DOT = re.compile(r"(?<!\\)\.").split
_LABELS = {label.value: label for label in Label}
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def read_mapping_file(path: str | PathLike[str]) -> ListMapping:
    """See ``load_mapping``."""
    file = Path(path)
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise InputError(f"{file}: expected a mapping of at most {_MAX_BYTES} bytes, got more")
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (OSError, UnicodeError) as error:
        raise InputError(f"mapping: can't read {file}: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{file}: expected TOML: {error}") from error
    top = CheckedTable(document, f"{file}: mapping", TABLES)
    about = top.table("list", ("title", "layout", "encoding"))
    layout = cast(Layout, about.choice("layout", ("csv", "json", "jsonl")))
    is_json = layout != "csv"
    for other, wrong in (("csv", is_json), ("json", layout != "json")):
        if wrong and other in top:
            raise top.fail(other, f"no such table for a list whose layout is {layout}")
    csv = top.table("csv", ("delimiter", "header", "columns", "skip_lines"))
    header, columns = csv.get("header", bool, True), csv.texts("columns")
    if header == bool(columns):
        raise csv.fail("columns", "names where header = false, and only there")
    skip_lines = csv.get("skip_lines", int, 0)
    if not 0 <= skip_lines <= 1000:
        raise csv.fail("skip_lines", "0 to 1000")
    records = top.table("json", ("records",)).get("records", str, "")
    scheme, codes = _category(top)
    extra = top.table("extra", ("keep", "drop"))
    return ListMapping(
        path=file,
        title=about.text("title"),
        layout=layout,
        encoding=_encoding(about, is_json),
        delimiter=_delimiter(csv),
        header=header,
        columns=columns,
        skip_lines=skip_lines,
        records=_place(records, is_json) if records else (),
        hashes=_hashes(top, is_json),
        fields=_fields(top, is_json),
        constants=_constants(top),
        key=tuple(_place(t, is_json) for t in top.table("key", ("from",)).texts("from")),
        scheme=scheme,
        codes=codes,
        keep=extra.get("keep", bool, True),
        drop=frozenset(name.lower() for name in extra.texts("drop")),
    )


def _place(text: str, is_json: bool) -> Place:
    """``a.b`` is member b of member a; a dot that is part of a name has a backslash before it."""
    if not is_json:
        return (text.strip(),)
    return tuple(part.replace("\\.", ".") for part in _DOT(text))


def _optional_place(table: CheckedTable, key: str, is_json: bool) -> Place | None:
    text = table.optional_text(key)
    return None if text is None else _place(text, is_json)


def _encoding(about: CheckedTable, is_json: bool) -> str | None:
    name = about.optional_text("encoding")
    if name is None or name.lower().replace("_", "-") in ("utf-8", "utf8", "utf-16"):
        return None
    try:
        found = codecs.lookup(name)
        is_text = '\n;,\t"'.encode(found.name) == b'\n;,\t"'
    except (LookupError, UnicodeError, TypeError):
        is_text = False
    if is_json or not is_text:
        raise about.fail(
            "encoding", "an encoding of tables that has ASCII in it; JSON is UTF-8 or UTF-16"
        )
    return found.name


def _delimiter(csv: CheckedTable) -> str:
    text = csv.get("delimiter", str, ",")
    text = _DELIMITERS.get(text, text)
    if len(text) != 1 or text in "\"'\r\n" or text.isalnum():
        raise csv.fail("delimiter", f"one character, or one of {', '.join(_DELIMITERS)}")
    return text


def _hashes(top: CheckedTable, is_json: bool) -> tuple[HashRule, ...]:
    rows = top.get("hash", list, [])
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise top.fail("hash", "at least one table [[hash]]")
    return tuple(
        _hash(CheckedTable(row, f"{top.where}: hash[{n}]", HASH_KEYS), n, is_json)
        for n, row in enumerate(rows, 1)
    )


def _hash(row: CheckedTable, number: int, is_json: bool) -> HashRule:
    each = _optional_place(row, "each", is_json)
    if each is not None and not is_json:
        raise row.fail("each", "no such key for a table: it has no arrays")
    value = _optional_place(row, "from", is_json)
    if value is None and each is None:
        raise row.fail("from", "the column or member of the hash")
    type_from = _optional_place(row, "type_from", is_json)
    types = row.table("types")
    if ("type" in row) == (type_from is not None) and "type" in row:
        raise row.fail("type", "no type where type_from is given")
    if (type_from is None) == bool(list(types)):
        raise row.fail(
            "types", "the list's names of types where type_from is given, and only there"
        )
    return HashRule(
        where=f"hash[{number}]",
        each=each,
        value=value or (),
        type=row.choice("type", HASH_TYPES) if "type" in row else None,
        type_from=type_from,
        types={name.strip().lower(): types.choice(name, HASH_TYPES) for name in types},
        encoding=cast(Encoding, row.choice("encoding", ENCODINGS, "auto")),
        quality=_optional_place(row, "quality", is_json),
        frame=_optional_place(row, "frame", is_json),
        time=_optional_place(row, "time", is_json),
    )


def _fields(top: CheckedTable, is_json: bool) -> Mapping[str, FieldRule]:
    table = top.table("fields", FIELDS)
    return {name: _field(table, name, is_json) for name in table}


def _field(table: CheckedTable, name: str, is_json: bool) -> FieldRule:
    if isinstance(table.raw(name), str):
        return FieldRule(f"fields.{name}", _place(table.text(name), is_json), None, {}, None)
    allowed = {"from"}
    if name in TEXT_LISTS:
        allowed.add("separator")
    elif name in FLAGS or name in OUR_WORDS:
        allowed.add("values")
    elif name == "updated":
        allowed.add("format")
    row = table.table(name, allowed)
    words = row.table("values")
    values = {
        word.strip().lower(): (
            words.get(word, bool, False)
            if name in FLAGS
            else OUR_WORDS[name][words.choice(word, OUR_WORDS[name])]
        )
        for word in words
    }
    return FieldRule(
        where=f"fields.{name}",
        place=_place(row.text("from"), is_json),
        separator=row.get("separator", str, "") or None,
        values=values,
        format=_date_format(row),
    )


def _date_format(row: CheckedTable) -> str | None:
    text = row.optional_text("format")
    if text is None:
        return None
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        day = datetime.strptime(now.strftime(text), text).date()
    except (ValueError, re.error) as error:
        raise row.fail("format", f"a date format such as %d/%m/%Y ({error})") from error
    if day != now.date():
        raise row.fail("format", "a date format that has year, month and day")
    return text


def _constants(top: CheckedTable) -> Mapping[str, Any]:
    table = top.table("constants", FIELDS)
    found: dict[str, Any] = {}
    for name in table:
        if name in FLAGS:
            found[name] = table.get(name, bool, False)
        elif name in TEXT_LISTS:
            found[name] = table.texts(name)
        elif name in OUR_WORDS:
            found[name] = OUR_WORDS[name][table.choice(name, OUR_WORDS[name])]
        elif name in ("size", "submissions"):
            found[name] = table.get(name, int, 0)
            if not 0 <= found[name] < 2**63:
                raise table.fail(name, "a count")
        else:
            found[name] = table.text(name)
    return found


Codes = Mapping[str, tuple[Label | None, Facts]]


def _category(top: CheckedTable) -> tuple[str | None, Codes | None]:
    if "category" not in top:
        return None, None
    table = top.table("category", ("scheme", "codes"))
    scheme = table.text("scheme")
    if not _ID(scheme) or scheme == UNMAPPED:
        raise table.fail("scheme", f"lower-case letters, digits, dots, dashes; not {UNMAPPED!r}")
    if "codes" not in table:
        return scheme, None
    codes = table.table("codes")
    return scheme, {normal_code(code): _code(codes, code) for code in codes}


def _code(codes: CheckedTable, code: str) -> tuple[Label | None, Facts]:
    """A label, or a table of facts with or without one."""
    if not isinstance(codes.raw(code), dict):
        return _LABELS[codes.choice(code, _LABELS)], NO_FACTS
    table = codes.table(code, ("label", *FACTS))
    label = _LABELS[table.choice("label", _LABELS)] if "label" in table else None
    return label, Facts.parse({n: table.choice(n, OUR_WORDS[n]) for n in FACTS if n in table})
