"""The key of an encrypted database: where it comes from, and that it goes nowhere else.

It comes from a file that only its owner may read, or from the environment; there is no argument and
no URL that takes it, for those end in process lists, shell histories and logs.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from os import PathLike
from typing import NoReturn

from hashmatch.errors import DatabaseError, InputError

KEY_FILE_VARIABLE = "HASHMATCH_KEY_FILE"
KEY_VARIABLE = "HASHMATCH_KEY"
MIN_PASSPHRASE = 12
"""Characters; fewer are guessed by trying, whatever the key derivation costs."""
MAX_BYTES = 4096

_RAW = re.compile("[0-9A-Fa-f]{64}")
_LITERAL = re.compile("[xX]'.*'", re.DOTALL)


class DatabaseKey:
    """A key, as raw 256 bits (64 hex digits) or as a passphrase; never shown.

    Args:
        text: the key; one line end behind it is not part of it.
        origin: where it comes from, for messages.

    Raises:
        DatabaseError: it is neither; the message does not quote it.
    """

    __slots__ = ("_text", "raw")

    def __init__(self, text: str, *, origin: str) -> None:
        text = text.removesuffix("\n").removesuffix("\r")
        self.raw = _RAW.fullmatch(text) is not None
        problem = None
        if not self.raw:
            if len(text) < MIN_PASSPHRASE:
                problem = f"at least {MIN_PASSPHRASE} characters, got {len(text)}"
            elif any(not c.isprintable() for c in text):
                problem = "printable characters in one line, got others"
            elif _LITERAL.fullmatch(text):  # the library would take it for a raw key
                problem = "a passphrase or 64 hex digits, got a literal of SQL"
        if problem:
            raise DatabaseError(f"{origin}: expected a key of {problem}")
        self._text = text

    def literal(self) -> str:
        """As SQLCipher's ``PRAGMA key`` takes it."""
        if self.raw:
            return f"\"x'{self._text}'\""
        return "'" + self._text.replace("'", "''") + "'"

    def __repr__(self) -> str:
        return "DatabaseKey(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a DatabaseKey is not written anywhere")


def read_key_file(path: str | PathLike[str]) -> DatabaseKey:
    """The key in a file.

    Raises:
        DatabaseError: the file can't be read, others than its owner may read or write it, or what
            it holds is no key.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(MAX_BYTES + 1) if stat.S_ISREG(status.st_mode) else None
    except (OSError, ValueError) as error:
        raise DatabaseError(f"{path}: can't read the key file: {error}") from error
    if content is None:
        raise DatabaseError(f"{path}: expected a key file, got something else")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise DatabaseError(f"{path}: expected a key file of mode 0600, got mode {mode:04o}")
    if len(content) > MAX_BYTES:
        raise DatabaseError(f"{path}: expected a key of at most {MAX_BYTES} bytes, got more")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        # Without its cause, which holds the content.
        raise DatabaseError(f"{path}: expected a key in UTF-8, got other bytes") from None
    return DatabaseKey(text, origin=os.fsdecode(path))


def find_key(key_file: str | PathLike[str] | None, environment: Mapping[str, str]) -> DatabaseKey:
    """The key from ``key_file``, else from the environment.

    Raises:
        DatabaseError: there is none, or it can't be used.
        InputError: the environment has both variables.
    """
    if key_file is not None:
        return read_key_file(key_file)
    named, key = environment.get(KEY_FILE_VARIABLE), environment.get(KEY_VARIABLE)
    if named and key:
        raise InputError(f"key: expected one of {KEY_FILE_VARIABLE} and {KEY_VARIABLE}, got both")
    if named:
        return read_key_file(named)
    if key:
        return DatabaseKey(key, origin=KEY_VARIABLE)
    raise DatabaseError(
        f"key: expected the path of a key file in {KEY_FILE_VARIABLE} (in Python key_file), or the "
        f"key in {KEY_VARIABLE}; got neither"
    )
