"""Mapping files: every mistake is told by file and key, and the documentation is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hashmatch.errors import InputError
from hashmatch.exchange.hash_text import HASH_TYPES
from hashmatch.exchange.mapping import FACTS, FIELDS, OUR_WORDS, load_mapping
from hashmatch.exchange.mapping_file import HASH_KEYS, TABLES
from hashmatch.types import Label

CSV = '[list]\ntitle = "T"\nlayout = "csv"\n'
JSON = '[list]\ntitle = "T"\nlayout = "json"\n'
MD5 = '[[hash]]\nfrom = "h"\ntype = "md5"\n'

WRONG = {
    "no TOML": ("[list", r"expected TOML"),
    "a table of another name": (
        CSV + MD5 + "[feilds]\n",
        r"mapping: feilds: expected one of .*fields",
    ),
    "no list": (MD5, r"list\.layout: expected one of csv, json, jsonl, got nothing"),
    "no title": ('[list]\nlayout = "csv"\n' + MD5, r"list\.title: expected a text, got nothing"),
    "a layout of another name": (
        '[list]\ntitle = "T"\nlayout = "xml"\n' + MD5,
        r"list\.layout: expected one of csv, json, jsonl, got 'xml'",
    ),
    "no hash": (CSV, r"hash: expected at least one table \[\[hash\]\], got nothing"),
    "one bracket": (CSV + '[hash]\nfrom = "h"\n', r"hash: expected an array, got"),
    "a hash of another type": (
        CSV + '[[hash]]\nfrom = "h"\ntype = "sha512"\n',
        r"hash\[1\]\.type: expected one of md5, .*, got 'sha512'",
    ),
    "a hash from nowhere": (
        CSV + '[[hash]]\ntype = "md5"\n',
        r"hash\[1\]\.from: expected the column",
    ),
    "the second hash": (
        CSV + MD5 + '[[hash]]\nfrom = "x"\nencoding = "rot13"\n',
        r"hash\[2\]\.encoding: expected one of auto, hex, base64, base32, integers, got 'rot13'",
    ),
    "two types": (
        CSV + '[[hash]]\nfrom = "h"\ntype = "md5"\ntype_from = "t"\ntypes = { a = "md5" }\n',
        r"hash\[1\]\.type: expected no type where type_from is given, got 'md5'",
    ),
    "types without a column": (
        CSV + '[[hash]]\nfrom = "h"\ntypes = { a = "md5" }\n',
        r"hash\[1\]\.types: expected the list's names",
    ),
    "a column without types": (
        CSV + '[[hash]]\nfrom = "h"\ntype_from = "t"\n',
        r"hash\[1\]\.types: expected the list's names .*, got nothing",
    ),
    "a name of a type": (
        CSV + '[[hash]]\nfrom = "h"\ntype_from = "t"\ntypes = { a = "md6" }\n',
        r"hash\[1\]\.types\.a: expected one of md5, .*, got 'md6'",
    ),
    "an array in a table": (
        CSV + '[[hash]]\neach = "a"\nfrom = "h"\n',
        r"hash\[1\]\.each: expected no such key for a table",
    ),
    "a field of another name": (
        CSV + MD5 + '[fields]\ncategry = "c"\n',
        r"fields\.categry: expected one of act, age, baseline, category, .*, got a key 'categry'",
    ),
    "a field that is a number": (
        CSV + MD5 + "[fields]\nsize = 7\n",
        r"fields\.size: expected a table, got 7",
    ),
    "a key of a field": (
        CSV + MD5 + '[fields]\nsize = { from = "s", format = "x" }\n',
        r"fields\.size\.format: expected one of from, got a key 'format'",
    ),
    "a date format": (
        CSV + MD5 + '[fields]\nupdated = { from = "d", format = "%H:%M" }\n',
        r"fields\.updated\.format: expected a date format that has year, month and day",
    ),
    "a date format of no sense": (
        CSV + MD5 + '[fields]\nupdated = { from = "d", format = "%Y-%Q" }\n',
        r"fields\.updated\.format: expected a date format",
    ),
    "a flag's word": (
        CSV + MD5 + '[fields]\nbaseline = { from = "b", values = { J = "yes" } }\n',
        r"fields\.baseline\.values\.J: expected true or false, got 'yes'",
    ),
    "a kind": (
        CSV + MD5 + '[constants]\nkind = "photo"\n',
        r"constants\.kind: expected one of image, video, other, unknown, got 'photo'",
    ),
    "a constant flag": (
        CSV + MD5 + '[constants]\nbaseline = "no"\n',
        r"constants\.baseline: expected true or false, got 'no'",
    ),
    "a constant count": (
        CSV + MD5 + "[constants]\nsize = true\n",
        r"constants\.size: expected a whole number, got True",
    ),
    "a negative count": (
        CSV + MD5 + "[constants]\nsize = -1\n",
        r"constants\.size: expected a count, got -1",
    ),
    "a label": (
        CSV + MD5 + '[category]\nscheme = "x"\ncodes = { 1 = "illegal" }\n',
        r"category\.codes\.1: expected one of csam, .*, got 'illegal'",
    ),
    "a fact of a code": (
        CSV + MD5 + '[category]\nscheme = "x"\ncodes = { 1 = { age = "young" } }\n',
        r"category\.codes\.1\.age: expected one of infant, .*, got 'young'",
    ),
    "no fact of a code": (
        CSV + MD5 + '[category]\nscheme = "x"\ncodes = { 1 = { hair = "red" } }\n',
        r"category\.codes\.1\.hair: expected one of .*, got a key 'hair'",
    ),
    "a fact's word": (
        CSV + MD5 + '[fields]\nact = { from = "Act", values = { x = "bad" } }\n',
        r"fields\.act\.values\.x: expected one of sadism_or_animal, .*, got 'bad'",
    ),
    "a constant fact": (
        CSV + MD5 + '[constants]\nsex = "m"\n',
        r"constants\.sex: expected one of female, male, both, got 'm'",
    ),
    "a scheme's name": (
        CSV + MD5 + '[category]\nscheme = "My List"\n',
        r"category\.scheme: expected lower-case letters",
    ),
    "a category without scheme": (
        CSV + MD5 + '[category]\ncodes = { 1 = "csam" }\n',
        r"category\.scheme: expected a text, got nothing",
    ),
    "a delimiter": (
        CSV + MD5 + '[csv]\ndelimiter = ";;"\n',
        r"csv\.delimiter: expected one character, or one of tab, .*, got ';;'",
    ),
    "columns and a header": (
        CSV + MD5 + '[csv]\ncolumns = ["a"]\n',
        r"csv\.columns: expected names where header = false",
    ),
    "neither columns nor header": (
        CSV + MD5 + "[csv]\nheader = false\n",
        r"csv\.columns: expected names where header = false, and only there, got nothing",
    ),
    "lines to skip": (
        CSV + MD5 + "[csv]\nskip_lines = -1\n",
        r"csv\.skip_lines: expected 0 to 1000, got -1",
    ),
    "an encoding": (
        CSV.replace("layout", 'encoding = "klingon"\nlayout') + MD5,
        r"list\.encoding: expected an encoding of tables .*, got 'klingon'",
    ),
    "an encoding that is none of text": (
        CSV.replace("layout", 'encoding = "base64"\nlayout') + MD5,
        r"list\.encoding",
    ),
    "an encoding without ASCII": (
        CSV.replace("layout", 'encoding = "cp500"\nlayout') + MD5,
        r"list\.encoding",
    ),
    "an encoding of JSON": (
        JSON.replace("layout", 'encoding = "latin-1"\nlayout') + MD5,
        r"list\.encoding: .* JSON is UTF-8 or UTF-16, got 'latin-1'",
    ),
    "a table's key in JSON": (
        JSON + MD5 + '[csv]\ndelimiter = ","\n',
        r"csv: expected no such table for a list whose layout is json",
    ),
    "keys that are no texts": (
        CSV + MD5 + "[key]\nfrom = [1]\n",
        r"key\.from: expected an array of texts, got \[1\]",
    ),
    "a key that is no array": (
        CSV + MD5 + '[key]\nfrom = "a"\n',
        r"key\.from: expected an array, got 'a'",
    ),
    "nothing to keep": (
        CSV + MD5 + '[extra]\nkeep = "no"\n',
        r"extra\.keep: expected true or false, got 'no'",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_told_by_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "list.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        load_mapping(path)
    assert str(path) in str(caught.value)


def test_a_mapping_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mapping: can't read"):
        load_mapping(tmp_path / "missing")
    (tmp_path / "latin").write_bytes(b'[list]\ntitle = "\xfc"')
    with pytest.raises(InputError, match="mapping: can't read"):
        load_mapping(tmp_path / "latin")
    (tmp_path / "large").write_bytes(b"#" * 2_000_000)
    with pytest.raises(InputError, match="at most 1048576 bytes"):
        load_mapping(tmp_path / "large")


def test_the_documentation_shows_the_golden_mappings(golden: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    for name in ("iwf_like", "saferlist_like", "caid_like"):
        assert (golden / f"mapped/{name}.toml").read_text() in blocks
    assert "invented" in text.lower()


def test_the_documentation_names_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
    keys = {*FIELDS, *TABLES, *HASH_KEYS, *HASH_TYPES, *(label.value for label in Label)}
    keys |= {word for name in FACTS for word in OUR_WORDS[name]}
    assert {key for key in keys if f"`{key}`" not in text and f"[{key}]" not in text} == set()
