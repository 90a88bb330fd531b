"""SQLite files encrypted by SQLCipher; the only place that knows that library.

Every page of the file and of its journal is encrypted (AES-256 in CBC mode, HMAC-SHA-512 over each
page) and temporary files are kept in memory. A passphrase is turned into a key by 256,000 rounds of
PBKDF2 for each connection; a raw key costs nothing.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

from hashmatch.errors import DatabaseError, MissingExtraError
from hashmatch.store.database_key import DatabaseKey
from hashmatch.store.errors import mapped_errors
from hashmatch.store.sqlite_driver import SqliteDriver


def cipher_driver(key: DatabaseKey) -> SqliteDriver:
    """The driver that opens files with this key.

    Raises:
        MissingExtraError: SQLCipher is not installed.
    """
    module = _library()

    def prepare(connection: Any) -> None:
        # Otherwise it writes of pages that it can't decrypt to standard error.
        connection.execute("PRAGMA cipher_log_level = NONE")
        _give(connection, "key", key, module)
        connection.execute("PRAGMA temp_store = MEMORY")

    return SqliteDriver(module, encrypted=True, prepare=prepare)


def change_key(path: Path, *, key: DatabaseKey, new_key: DatabaseKey) -> None:
    """Encrypt a file anew, in one transaction; nobody else may have it open meanwhile.

    The write-ahead journal is left for the time being: a roll-back journal can't be switched to
    while another connection is open, and all pages of the file are then under one key at any time.

    Args:
        path: an encrypted database that is whole.

    Raises:
        DatabaseError: the key is wrong, somebody has the database open, or the disk failed; it is
            under the old key then.
        MissingExtraError: SQLCipher is not installed.
    """
    driver = cipher_driver(key)
    module = driver.module
    with (
        mapped_errors(str(path), module.Error),
        closing(
            module.connect(str(path.absolute()), isolation_level=None, timeout=1)
        ) as connection,
    ):
        driver.prepare(connection)
        connection.execute("PRAGMA synchronous = FULL")
        mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        if mode != "delete":
            raise DatabaseError(f"{path}: expected to change the journal, got {mode!r}")
        _give(connection, "rekey", new_key, module)
        connection.execute("PRAGMA journal_mode = WAL")


def _give(connection: Any, pragma: str, key: DatabaseKey, module: ModuleType) -> None:
    try:
        connection.execute(f"PRAGMA {pragma} = {key.literal()}")
    except module.Error as error:
        # The statement is the key: neither it nor a message about it goes any further.
        code = getattr(error, "sqlite_errorname", type(error).__name__)
        raise DatabaseError(f"PRAGMA {pragma}: SQLCipher refused it: {code}") from None


def _library() -> ModuleType:
    try:
        from sqlcipher3 import dbapi2
    except ImportError as error:
        raise MissingExtraError(
            "encrypted databases need SQLCipher: pip install 'hashmatch[cipher]'"
        ) from error
    module: ModuleType = dbapi2
    return module
