"""Rows of ``FAMILIES`` for known-file sets, forensic hash sets, plain lists and mapped tables.

Each room is imported when a file may be of its format, or is read or written. Plain lists are
looked for last: nearly any text with a hash in it could be one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hashmatch.exchange.base import Writer
from hashmatch.exchange.feed_formats import Row, room_looks_like, room_reads, room_writes

Writers = Mapping[str, Callable[..., Writer]]


def _row(
    name: str,
    formats: tuple[str, ...],
    room: str,
    reader: str,
    looks_like: str,
    writers: Writers | None = None,
) -> Row:
    return (
        name,
        formats,
        room_looks_like(room, looks_like),
        room_reads(room, reader),
        writers or {},
    )


def _never(head: bytes) -> bool:
    """A mapped table is what its mapping says; its content says nothing."""
    return False


ROWS: tuple[Row, ...] = (
    _row("nsrl", ("nsrl-rds2",), "nsrl_text", "NsrlTextReader", "looks_like_nsrl_text"),
    _row("nsrl3", ("nsrl-rds3",), "nsrl_sqlite", "NsrlSqliteReader", "looks_like_nsrl_sqlite"),
    _row(
        "tsk",
        ("tsk-kdb",),
        "tsk_kdb",
        "TskKdbReader",
        "looks_like_tsk_kdb",
        {"tsk-kdb": room_writes("tsk_kdb_write", "TskKdbWriter")},
    ),
    _row("encase", ("encase-hash",), "encase_hash", "EncaseHashReader", "looks_like_encase_hash"),
    _row("c4p", ("c4p-index",), "c4p_index", "C4pIndexReader", "looks_like_c4p_index"),
    _row("hashkeeper", ("hashkeeper",), "hashkeeper", "HashKeeperReader", "looks_like_hashkeeper"),
    _row("tsk-idx", ("tsk-index",), "tsk_index", "TskIndexReader", "looks_like_tsk_index"),
    ("mapped", ("mapped-csv", "mapped-json"), _never, room_reads("mapped", "open_mapped"), {}),
    _row("table", ("hash-csv",), "hash_table", "open_hash_table", "looks_like_hash_table"),
    _row(
        "plain",
        ("md5-list", "sha1-list", "sha256-list", "plain-list", "md5sum", "xways-text"),
        "plain_list",
        "PlainListReader",
        "looks_like_plain_list",
        {
            "md5sum": room_writes("plain_write", "Md5sumWriter"),
            **{
                f"{name}-list": room_writes("plain_write", "OneColumnWriter", digest=name)
                for name in ("md5", "sha1", "sha256")
            },
            "threatexchange-simple": room_writes("plain_write", "SimpleCsvWriter"),
        },
    ),
)
