"""The table of list formats, and the doors that choose a row of it.

A new format is one more row in ``FAMILIES``: its names, how its first bytes look, and functions
that open its reader and its writers. The functions import their room when they are called, so
that a format's libraries are loaded only by those who read or write that format. A group of
related formats keeps its rows in a file of its own (``feed_formats``), in the order in which they
are asked; the first family that knows a file's first bytes reads it, so a strict test comes before
a tolerant one.

A reader takes ``(Source, ReadOptions)`` and is what ``base.Reader`` says. The source gives the
list's own bytes: unpacked, UTF-16 turned into UTF-8; ``decoding.decode_text`` reads old Windows
texts. A writer takes the path and keyword options, one of them ``overwrite``, and is what
``base.Writer`` says. Category codes are tables in ``schemes/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import Any

from hashmatch.errors import InputError
from hashmatch.exchange.base import Reader, ReadOptions, Writer
from hashmatch.exchange.detect import looks_like_icse, looks_like_vics, unknown_format
from hashmatch.exchange.feed_formats import ROWS as FEEDS
from hashmatch.exchange.jsonl_lines import looks_like_jsonl
from hashmatch.exchange.list_formats import ROWS as LISTS
from hashmatch.exchange.mapping import load_mapping
from hashmatch.exchange.schemes import Schemes, load_schemes
from hashmatch.exchange.source import Source
from hashmatch.ledger import Ledger
from hashmatch.types import HashRecord

AUTO = "auto"


def _read_icse(source: Source, options: ReadOptions) -> Reader:
    from hashmatch.exchange.icse import IcseReader

    return IcseReader(source, options)


def _read_jsonl(source: Source, options: ReadOptions) -> Reader:
    from hashmatch.exchange.jsonl_read import JsonlReader

    return JsonlReader(source, options)


def _write_jsonl(path: str | PathLike[str], **options: Any) -> Writer:
    from hashmatch.exchange.jsonl_write import JsonlWriter

    return JsonlWriter(path, **options)


def _read_vics(source: Source, options: ReadOptions) -> Reader:
    from hashmatch.exchange.vics_read import VicsReader

    return VicsReader(source, options)


def _write_icse(path: str | PathLike[str], **options: Any) -> Writer:
    from hashmatch.exchange.icse_write import IcseWriter

    return IcseWriter(path, **options)


def _write_vics(path: str | PathLike[str], *, format: str, **options: Any) -> Writer:
    from hashmatch.exchange.vics_write import VicsWriter

    return VicsWriter(path, format=format, **options)


@dataclass(frozen=True, slots=True)
class Family:
    """Formats that one reader reads.

    Attributes:
        name: the word for "any of these" in ``format=``.
        formats: exact names.
        looks_like: whether the first 64 KiB of a file are of this family; by content only.
        read: opens a reader on a source.
        writers: exact name to the function that opens a writer.
    """

    name: str
    formats: tuple[str, ...]
    looks_like: Callable[[bytes], bool]
    read: Callable[[Source, ReadOptions], Reader]
    writers: Mapping[str, Callable[..., Writer]]


FAMILIES: tuple[Family, ...] = (
    Family("icse", ("icse-csv",), looks_like_icse, _read_icse, {"icse-csv": _write_icse}),
    Family(
        "vics",
        ("vics-1.0", "vics-1.1", "vics-1.2", "vics-1.3", "vics-2.0"),
        looks_like_vics,
        _read_vics,
        {name: partial(_write_vics, format=name) for name in ("vics-1.3", "vics-2.0")},
    ),
    Family("jsonl", ("jsonl",), looks_like_jsonl, _read_jsonl, {"jsonl": _write_jsonl}),
    *(Family(*row) for row in FEEDS),
    *(Family(*row) for row in LISTS),
)


def open_reader(
    path: str | PathLike[str],
    *,
    format: str = AUTO,
    scheme: str | None = None,
    schemes: Schemes | None = None,
    salvage: bool = False,
    hash_type: str | None = None,
    mapping: str | PathLike[str] | None = None,
) -> Reader:
    """Open a hash list.

    What is read is unpacked (gzip, zip of one file) and in UTF-8, whatever the file is in.

    Args:
        path: a regular file. Its name is never looked at.
        format: "auto" (by content), a family ("icse", "vics") or an exact name ("vics-1.3").
        scheme: id of the category scheme to read every record with; by default the list's own.
        schemes: tables that replace the built-in ones, see ``load_schemes``.
        salvage: of a list that is cut short, read the whole records and say in
            ``info.facts`` that it is incomplete, instead of raising.
        hash_type: what values of an ambiguous length are: a digest ("sha256") or an
            algorithm ("pdq").
        mapping: TOML file that describes a list of no known format.

    Raises:
        UnknownFormatError: detection found no format; the message shows the first bytes.
        ExchangeError: the file is missing, empty, a directory, unreadable, or its head is broken.
        InputError: ``format`` or ``scheme`` names nothing; the message lists the choices.
    """
    tables = load_schemes() if schemes is None else schemes
    if scheme is not None:
        tables.get(scheme)
    described = None if mapping is None else load_mapping(mapping)
    if format == AUTO and described is not None:
        forced: Family | None = _family(described.format)
    else:
        forced = None if format == AUTO else _family(format)
    source = Source(path)
    try:
        family = _detect(source) if forced is None else forced
        options = ReadOptions(
            format=None if format == AUTO else format,
            scheme=scheme,
            schemes=tables,
            salvage=salvage,
            hash_type=hash_type,
            mapping=described,
        )
        reader = family.read(source, options)
    except BaseException:
        source.close()
        raise
    reader.warnings.update(source.warnings)
    return reader


def is_read(format: str) -> bool:
    """Whether there is a reader of that exact format or family; some formats are only written."""
    return any(format == f.name or format in f.formats for f in FAMILIES)


def open_writer(path: str | PathLike[str], *, format: str = "vics-2.0", **options: Any) -> Writer:
    """Open a writer; ``options`` are those of the format's own writer (see ``VicsWriter``).

    Raises:
        InputError: no writer of that name, or an option has a wrong value.
        ExchangeError: the file exists and ``overwrite`` is not set, or can't be created.
    """
    writers = {name: writer for family in FAMILIES for name, writer in family.writers.items()}
    if format not in writers:
        raise InputError(f"format: expected one of {', '.join(sorted(writers))}, got {format!r}")
    return writers[format](path, **options)


def write_list(
    records: Iterable[HashRecord],
    path: str | PathLike[str],
    *,
    format: str = "vics-2.0",
    **options: Any,
) -> Ledger:
    """Write records, already in the order that the format asks for, and put the file in place.

    Nothing appears at ``path`` when this raises. Errors: those of ``open_writer``, and InputError
    where the records are not in order.
    """
    with open_writer(path, format=format, **options) as writer:
        for record in records:
            writer.write(record)
    return writer.ledger


def _family(format: str) -> Family:
    for family in FAMILIES:
        if format == family.name or format in family.formats:
            return family
    names = [name for family in FAMILIES for name in (family.name, *family.formats)]
    raise InputError(f"format: expected one of {', '.join([AUTO, *names])}, got {format!r}")


def _detect(source: Source) -> Family:
    head = source.head()
    for family in FAMILIES:
        if family.looks_like(head):
            return family
    raise unknown_format(source.path, head, [name for f in FAMILIES for name in f.formats])
