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


def _looks_like(room: str, name: str) -> Callable[[bytes], bool]:
    def looks_like(head: bytes) -> bool:
        return bool(getattr(import_module(f"{_PACKAGE}.{room}"), name)(head))

    return looks_like


def _read(room: str, name: str) -> Callable[[Source, ReadOptions], Reader]:
    def read(source: Source, options: ReadOptions) -> Reader:
        reader: Reader = getattr(import_module(f"{_PACKAGE}.{room}"), name)(source, options)
        return reader

    return read


def _write(room: str, name: str, **fixed: Any) -> Callable[..., Writer]:
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
    looks_like = _looks_like(room, f"looks_like_{room}")
    return name, formats, looks_like, _read(room, reader), writers or {}


ROWS: tuple[Row, ...] = (
    _row("tmk", ("tmk",), "tmk", "TmkReader", {"tmk": _write("tmk", "TmkWriter")}),
    _row("ncmec", ("ncmec-v2",), "ncmec", "NcmecReader"),
    _row("threatexchange", ("threatexchange",), "threatexchange", "ThreatExchangeReader"),
    _row("stopncii", ("stopncii",), "stopncii", "StopNciiReader"),
    _row("arachnid", ("arachnid",), "arachnid", "ArachnidReader"),
    _row(
        "case-uco",
        ("case-uco-1.4",),
        "case_uco",
        "CaseUcoReader",
        {"case-uco-1.4": _write("case_uco_write", "CaseUcoWriter")},
    ),
    _row(
        "vpdq",
        ("vpdq-text", "vpdq-json"),
        "vpdq",
        "VpdqReader",
        {
            name: _write("perceptual_write", "VpdqWriter", layout=name)
            for name in ("vpdq-text", "vpdq-json")
        },
    ),
    _row(
        "pdq",
        ("pdq-text",),
        "pdq_text",
        "PdqTextReader",
        {"pdq-text": _write("perceptual_write", "PdqTextWriter")},
    ),
)
