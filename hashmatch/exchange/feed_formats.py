"""Rows of ``FAMILIES`` for feeds and for perceptual hashes in files of their own.

Each room is imported when a file may be of its format, or is read or written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from os import PathLike
from typing import Any

from hashmatch.exchange.base import Reader, ReadOptions, Writer
from hashmatch.exchange.source import Source

Row = tuple[
    str,
    tuple[str, ...],
    Callable[[bytes], bool],
    Callable[[Source, ReadOptions], Reader],
    Mapping[str, Callable[..., Writer]],
]
"""The attributes of a ``Family``, in their order."""

_PACKAGE = "hashmatch.exchange"


def room_looks_like(room: str, name: str) -> Callable[[bytes], bool]:
    """``Family.looks_like`` of a room that is imported when it is asked."""

    def looks_like(head: bytes) -> bool:
        return bool(getattr(import_module(f"{_PACKAGE}.{room}"), name)(head))

    return looks_like


def room_reads(room: str, name: str) -> Callable[[Source, ReadOptions], Reader]:
    """``Family.read`` of a room's reader."""

    def read(source: Source, options: ReadOptions) -> Reader:
        reader: Reader = getattr(import_module(f"{_PACKAGE}.{room}"), name)(source, options)
        return reader

    return read


def room_writes(room: str, name: str, **fixed: Any) -> Callable[..., Writer]:
    """A function of ``Family.writers``, which opens a room's writer with options that are set."""

    def write(path: str | PathLike[str], **options: Any) -> Writer:
        module = import_module(f"{_PACKAGE}.{room}")
        writer: Writer = getattr(module, name)(path, **fixed, **options)
        return writer

    return write


def _row(
    name: str,
    formats: tuple[str, ...],
    room: str,
    reader: str,
    writers: Mapping[str, Callable[..., Writer]] | None = None,
) -> Row:
    looks_like = room_looks_like(room, f"looks_like_{room}")
    return name, formats, looks_like, room_reads(room, reader), writers or {}


ROWS: tuple[Row, ...] = (
    _row("tmk", ("tmk",), "tmk", "TmkReader", {"tmk": room_writes("tmk", "TmkWriter")}),
    _row("ncmec", ("ncmec-v2",), "ncmec", "NcmecReader"),
    _row("threatexchange", ("threatexchange",), "threatexchange", "ThreatExchangeReader"),
    _row("stopncii", ("stopncii",), "stopncii", "StopNciiReader"),
    _row("arachnid", ("arachnid",), "arachnid", "ArachnidReader"),
    _row(
        "case-uco",
        ("case-uco-1.4",),
        "case_uco",
        "CaseUcoReader",
        {"case-uco-1.4": room_writes("case_uco_write", "CaseUcoWriter")},
    ),
    _row(
        "vpdq",
        ("vpdq-text", "vpdq-json"),
        "vpdq",
        "VpdqReader",
        {
            name: room_writes("perceptual_write", "VpdqWriter", layout=name)
            for name in ("vpdq-text", "vpdq-json")
        },
    ),
    _row(
        "pdq",
        ("pdq-text",),
        "pdq_text",
        "PdqTextReader",
        {"pdq-text": room_writes("perceptual_write", "PdqTextWriter")},
    ),
)
