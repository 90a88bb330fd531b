"""Rows at rest: the schema, its migrations, and the SQLite file or the server that holds them.

Knows tables and transactions; knows nothing of hash lists or of what the rows mean.
"""

from __future__ import annotations

from hashmatch.store.bulk import insert_rows, next_id
from hashmatch.store.contract import Store
from hashmatch.store.database_key import DatabaseKey, find_key, read_key_file
from hashmatch.store.engine_check import engine_problems
from hashmatch.store.erasing import compact, erasing, keep_ids_unique
from hashmatch.store.errors import mapped_errors
from hashmatch.store.indexes import drop_indexes, restore_indexes
from hashmatch.store.migrations import SCHEMA_VERSION
from hashmatch.store.revision import raise_revision, read_meta, read_revision, write_meta
from hashmatch.store.sql import chunks, is_postgres, run, run_many, select_in, stream
from hashmatch.store.sqlcipher import change_key, cipher_driver
from hashmatch.store.sqlite import SqliteStore
from hashmatch.store.sqlite_driver import PLAIN, SqliteDriver
from hashmatch.store.sqlite_opening import open_sqlite
from hashmatch.store.text import decode_text, encode_text

__all__ = [
    "PLAIN",
    "SCHEMA_VERSION",
    "DatabaseKey",
    "SqliteDriver",
    "SqliteStore",
    "Store",
    "change_key",
    "chunks",
    "cipher_driver",
    "compact",
    "decode_text",
    "drop_indexes",
    "encode_text",
    "engine_problems",
    "erasing",
    "find_key",
    "insert_rows",
    "is_postgres",
    "keep_ids_unique",
    "mapped_errors",
    "next_id",
    "open_sqlite",
    "raise_revision",
    "read_key_file",
    "read_meta",
    "read_revision",
    "restore_indexes",
    "run",
    "run_many",
    "select_in",
    "stream",
    "write_meta",
]
