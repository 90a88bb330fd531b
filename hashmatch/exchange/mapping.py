"""An operator's description of a table or JSON document: which column is what. See docs/mapping.md.

For lists whose layout is not public (IWF, SaferList, national variants of CAID): the operator
writes down what the list looks like, and no code changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from hashmatch.exchange.hash_text import Encoding
from hashmatch.facts import WORDS, Facts
from hashmatch.types import Label, MediaKind

Layout = Literal["csv", "json", "jsonl"]
Place = tuple[str, ...]
"""A column, as one name; or member names of a JSON object, one inside the other."""

FLAGS = (
    "baseline",
    "victim_identified",
    "offender_identified",
    "distributed",
    "self_generated",
    "suspected",
    "precategorized",
    "file_available",
)
TEXT_LISTS = ("series", "tags")
FACTS = tuple(WORDS)
_WORDED: Mapping[str, type[StrEnum]] = {"kind": MediaKind, **WORDS}
OUR_WORDS: Mapping[str, Mapping[str, StrEnum]] = {
    name: {word.value: word for word in words} for name, words in _WORDED.items()
}
"""Fields that hold one of a few words of ours, and these words."""
FIELDS = ("category", "size", "submissions", "mime", "updated", *OUR_WORDS, *FLAGS, *TEXT_LISTS)
"""Fields of a record that a mapping fills, besides hashes and the key."""


@dataclass(frozen=True, slots=True)
class HashRule:
    """Where hashes are, and of which type.

    Attributes:
        where: the key in the mapping file, for messages ("hash[1]").
        each: an array of a JSON record; the places below are in each of its elements. None: they
            are in the record itself.
        value: the hash. () where ``each`` is an array of hashes alone.
        type: what it is; None where ``type_from`` says so, or where it can only be one thing.
        type_from: where the row names the type.
        types: the row's names in lower case to ours.
        encoding: of the value.
        quality, frame, time: of a perceptual hash; None where the list has none.
    """

    where: str
    each: Place | None
    value: Place
    type: str | None
    type_from: Place | None
    types: Mapping[str, str]
    encoding: Encoding
    quality: Place | None
    frame: Place | None
    time: Place | None

    @property
    def name(self) -> str:
        """The column or member, for messages."""
        return ".".join(self.value or self.each or ())


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Where a field is, and how its text is read.

    Attributes:
        where: the key in the mapping file ("fields.category").
        place: the column or member.
        separator: between the parts of a series or of tags; None where the text is one part.
        values: the list's words in lower case to ours (flags, kind and facts).
        format: of a date, as ``datetime.strptime`` takes it.
    """

    where: str
    place: Place
    separator: str | None
    values: Mapping[str, Any]
    format: str | None


@dataclass(frozen=True, slots=True)
class ListMapping:
    """A mapping file that has been checked.

    Attributes:
        path: the file, for messages.
        title: one line that says what the list is.
        layout: "csv", "json", or "jsonl" for one JSON object a line.
        encoding: of a table, where it is neither UTF-8 nor UTF-16; None for those.
        delimiter, header, columns, skip_lines: of a table; ``columns`` name them where there is no
            header line.
        records: the array of a JSON document that holds the records; () for the root.
        hashes: at least one.
        fields: field name to rule.
        constants: field name to what it is in every record that does not say otherwise.
        key: places whose texts together are the record key; none for the strongest hash.
        scheme: id of the category scheme; None for the list's own by detection, which is none.
        codes: the category table of the mapping, code to label (None where it follows from the
            facts) and facts; None where ``scheme`` is one that exists.
        keep: whether columns and members that nothing here names are kept as text.
        drop: names that are never kept.
    """

    path: Path
    title: str
    layout: Layout
    encoding: str | None
    delimiter: str
    header: bool
    columns: tuple[str, ...]
    skip_lines: int
    records: Place
    hashes: tuple[HashRule, ...]
    fields: Mapping[str, FieldRule]
    constants: Mapping[str, Any]
    key: tuple[Place, ...]
    scheme: str | None
    codes: Mapping[str, tuple[Label | None, Facts]] | None
    keep: bool
    drop: frozenset[str]

    @property
    def format(self) -> str:
        """Exact name of the format that it is read as."""
        return "mapped-csv" if self.layout == "csv" else "mapped-json"


def load_mapping(path: str | PathLike[str]) -> ListMapping:
    """Read and check a mapping file.

    Raises:
        InputError: it can't be read, is no TOML, or a key is missing, unknown or has a wrong value;
            the message names file and key.
    """
    from hashmatch.exchange.mapping_file import read_mapping_file

    return read_mapping_file(path)
