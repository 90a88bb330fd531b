"""A new key for an encrypted database."""

from __future__ import annotations

import os
from os import PathLike

from hashmatch.database.opening import is_encrypted, open_database, sqlite_path
from hashmatch.errors import InputError
from hashmatch.store import change_key, find_key, read_key_file


def rekey_database(
    path_or_url: str | PathLike[str],
    *,
    new_key_file: str | PathLike[str],
    key_file: str | PathLike[str] | None = None,
    actor: str | None = None,
) -> None:
    """Encrypt a database anew under another key, in one transaction, and enter it in its log.

    Nobody else may have it open. Copies and backups stay under the old key.

    Args:
        path_or_url: ``sqlite+cipher:///path``.
        new_key_file: path of the file with the new key, mode 0600.
        key_file: path of the file with the present one; by default the environment says it.
        actor: who does it, for the audit log.

    Raises:
        DatabaseError: a key can't be used, the database is open elsewhere, or the disk failed: it
            is under the old key then.
        InputError: it is no URL of an encrypted database.
        MissingExtraError: SQLCipher is not installed.
    """
    if not is_encrypted(path_or_url):
        raise InputError("path_or_url: expected sqlite+cipher:///path of an encrypted database")
    new_key = read_key_file(new_key_file)
    # Opening says clearly what is wrong, and finishes what another opening left half done.
    open_database(path_or_url, key_file=key_file).close()
    change_key(sqlite_path(path_or_url), key=find_key(key_file, os.environ), new_key=new_key)
    with open_database(path_or_url, key_file=new_key_file) as db:
        db.record_audit("rekey", {}, actor)
