"""The roots of an exhibit: looked at before anything starts."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from hashmatch.errors import InputError, InputTypeError, MediaAccessError
from hashmatch.scan.remote_url import is_remote, is_url, shown_root

RootPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]


def checked_roots(roots: Iterable[RootPath]) -> tuple[bytes, ...]:
    """The roots as absolute paths, or URLs without secrets, in the order of their bytes.

    What is written as ``scheme://...`` is a URL. A root may be a link: it was named. Its own path
    is kept, not that of what it points to.

    Raises:
        InputTypeError: something that is no path.
        InputError: no root at all, one that is neither folder nor file, or one that lies within
            another one, which would count its files twice.
        MediaAccessError: one that is not there or may not be read.
        MissingExtraError: a URL, and what opens it is not installed.
    """
    if isinstance(roots, (str, bytes, os.PathLike)):
        raise InputTypeError("roots: expected several paths, got one; put it into a list")
    real: dict[bytes, bytes] = {}
    for root in roots:
        path = _absolute(root)
        _require_readable(path)
        real.setdefault(_real(path), path)
    if not real:
        raise InputError("roots: expected at least one path, got none")
    ordered = sorted(real)
    for place in ordered:
        within = next((other for other in ordered if lies_within(place, other)), None)
        if within is not None:
            raise InputError(
                f"roots: {shown_path(real[place])} lies within {shown_path(real[within])}; "
                "name the outer one alone"
            )
    return tuple(sorted(real.values()))


def require_outside(folder: str | os.PathLike[str], roots: Iterable[bytes]) -> None:
    """Nothing is written below a root.

    Args:
        folder: that is written; it need not be there yet.
        roots: of ``checked_roots``.

    Raises:
        InputError: it is a root, or lies within one, links followed.
    """
    place = os.path.realpath(os.fsencode(folder))
    for root in roots:
        real = _real(root)
        if place == real or lies_within(place, real):
            raise InputError(
                f"{shown_path(place)}: expected a folder outside of {shown_path(root)}, "
                "where nothing is written"
            )


class PresentRoots:
    """Roots as they are now, to be looked at again when something below them can't be reached.

    Args:
        roots: as ``checked_roots`` gives them.
    """

    def __init__(self, roots: Iterable[bytes]) -> None:
        self._known = {root: _place_of(root) for root in roots}
        self.lost: tuple[bytes, ...] = ()

    def is_lost(self, root: bytes) -> bool:
        """Whether a root has gone, or another folder is in its place as after unmounting it."""
        if root not in self.lost:
            if _place_of(root) == self._known[root] != _NOWHERE:
                return False
            self.lost = tuple(sorted((*self.lost, root)))
        return True


_NOWHERE = (-1, -1)


def _place_of(root: bytes) -> tuple[int, int] | None:
    """Device and inode of a folder; None of a file, which may be written anew, and of a URL."""
    try:
        if is_remote(root):
            from hashmatch.scan.remote_files import is_folder

            is_folder(root)
            return None
        status = os.stat(root)  # noqa: PTH116 - of bytes
    except OSError:
        return _NOWHERE
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def lies_within(path: bytes, folder: bytes) -> bool:
    """Whether a path is below a folder; both without links."""
    return path != folder and path.startswith(folder.rstrip(b"/") + b"/")


def _real(root: bytes) -> bytes:
    """The path without links; of a URL that does not lead to this machine's files, itself."""
    if not is_remote(root):
        return os.path.realpath(root)
    from hashmatch.scan.remote_files import local_path

    return local_path(root) or root


def _absolute(root: RootPath) -> bytes:
    try:
        path = os.fsencode(root)
    except TypeError as error:
        raise InputTypeError(f"roots: expected paths, got {type(root).__name__}") from error
    except UnicodeEncodeError as error:
        raise InputError(f"roots: {root!r} can't be the path of a file") from error
    if is_url(path):
        return shown_root(path)
    if not path or b"\0" in path:
        raise InputError(f"roots: {root!r} can't be the path of a file")
    return os.path.abspath(path)  # noqa: PTH100 - links stay


def _require_readable(path: bytes) -> None:
    try:
        if is_remote(path):
            from hashmatch.scan.remote_files import is_folder

            is_folder(path)
            return
        mode = os.stat(path).st_mode  # noqa: PTH116 - of bytes
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            raise InputError(f"roots: {shown_path(path)} is neither a folder nor a file")
        wanted = os.R_OK | os.X_OK if stat.S_ISDIR(mode) else os.R_OK
        if not os.access(path, wanted):
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        raised = MediaAccessError(f"{shown_path(path)}: {error.strerror or type(error).__name__}")
        raised.errno = error.errno
        raise raised from error


def shown_path(path: bytes) -> str:
    """A path for a message: what is no UTF-8 is escaped."""
    return os.fsdecode(path).encode("utf-8", "backslashreplace").decode()
