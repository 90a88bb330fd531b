"""Where the medium lies that a list names by a path: inside the list's own folder, or nowhere.

``RelativeFilePath`` of a VICS case names a file next to the JSON. Lists are written by others: a
path that leads out of the folder, to another drive or machine, or over a link is refused.
"""

from __future__ import annotations

import re
import unicodedata
from os import PathLike, fspath
from pathlib import Path

from hashmatch.errors import ExchangeError, InputTypeError
from hashmatch.exchange.source import foreign_errors

MAX_PATH = 32_767
"""Characters, as Windows allows them."""
_SHOWN = 80
_DRIVE = re.compile(r"[A-Za-z]:").match
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?: *\..*)?", re.IGNORECASE).fullmatch


def resolve_media_path(list_path: str | PathLike[str], relative: str) -> Path:
    """The file that a list names, below the list's own folder.

    Backslashes separate as slashes do. A name that is not there as it is spelled is looked for
    without regard to case; two that fit are a refusal, for nothing says which is meant. A link
    whose target lies in the folder is followed.

    The file may be another one than the list speaks of: the caller hashes what it reads, and trusts
    nothing that is said of it unless the digests agree.

    Args:
        list_path: the list.
        relative: the path as the list has it.

    Returns:
        An absolute path without links, of a file that was there when this looked. Whoever opens it
        later may find something else: check what was opened, by its digest.

    Raises:
        ExchangeError: the path is empty, absolute, of a drive or another machine, leads out of the
            folder, names a stream or a device, or no regular file; the message says which.
        InputTypeError: an argument is no path or no text.
    """
    if not isinstance(list_path, (str, PathLike)) or not isinstance(fspath(list_path), str):
        raise InputTypeError(f"list_path: expected str or PathLike, got {type(list_path).__name__}")
    if not isinstance(relative, str):
        raise InputTypeError(f"relative: expected str, got {type(relative).__name__}")
    names = _names(relative)
    with foreign_errors(f"can't find {_shown(relative)} beside {fspath(list_path)}"):
        # The folder that the caller named, also where the list is a link to another one.
        folder = Path(list_path).parent.resolve(strict=True)
        found = folder
        for name in names:
            # After every step: what lies behind a link out of the folder is not even listed.
            found = _followed(_step(found, name, relative), relative)
            if not found.is_relative_to(folder):
                raise _refusal(relative, "a symbolic link leads out of the list's folder")
        if not found.is_file():
            raise _refusal(relative, "it is no regular file")
    return found


def _names(relative: str) -> list[str]:
    """The names on the way, where the path is one that may be followed."""
    path = relative.replace("\\", "/")
    if not path.strip():
        raise _refusal(relative, "it is empty")
    if len(path) > MAX_PATH:
        raise _refusal(relative, f"it is longer than {MAX_PATH} characters")
    if any(ord(character) < 32 for character in path):
        raise _refusal(relative, "it holds a NUL or another control character")
    if path.startswith("//"):
        raise _refusal(relative, "it is on another machine or a device")
    if path.startswith("/"):
        raise _refusal(relative, "it is absolute")
    if _DRIVE(path):
        raise _refusal(relative, "it is on a drive")
    if ":" in path:
        raise _refusal(relative, "it names an alternate stream")
    names = [name for name in path.split("/") if name not in ("", ".")]
    # Windows takes dots and blanks from the end of a name: ".. " is "..".
    if any(name.rstrip(". ") == "" for name in names):
        raise _refusal(relative, "it leads upwards")
    if any(_DEVICE(name) for name in names):
        raise _refusal(relative, "it names a device")
    if not names or path.endswith("/"):
        raise _refusal(relative, "it names a folder")
    return names


def _step(folder: Path, name: str, relative: str) -> Path:
    exact = folder / name
    if exact.exists() or exact.is_symlink():
        return exact
    if not folder.is_dir():
        raise _refusal(relative, "there is no such file")
    folded = _folded(name)
    fitting = [other for other in folder.iterdir() if _folded(other.name) == folded]
    if not fitting:
        raise _refusal(relative, "there is no such file")
    if len(fitting) > 1:
        raise _refusal(relative, f"{len(fitting)} names fit that differ in case only")
    return fitting[0]


def _folded(name: str) -> str:
    """Accents are one character on some systems and two on others."""
    return unicodedata.normalize("NFC", name).casefold()


def _followed(path: Path, relative: str) -> Path:
    try:
        return path.resolve(strict=True)
    except RuntimeError as error:  # what Python 3.11 makes of links in a circle
        raise _refusal(relative, "its symbolic links go in a circle") from error


def _refusal(relative: str, why: str) -> ExchangeError:
    return ExchangeError(f"expected a file below the list's folder, got {_shown(relative)}: {why}")


def _shown(relative: str) -> str:
    return repr(relative if len(relative) <= _SHOWN else relative[:_SHOWN] + "…")
