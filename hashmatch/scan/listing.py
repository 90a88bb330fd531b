"""Every item under the roots, as bytes, in one order; no link is followed, no file is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hashmatch.scan.evidence import Identity, open_quietly
from hashmatch.scan.remote_url import is_remote
from hashmatch.scan.statuses import ItemStatus

_NOTHING = Identity(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item under a root.

    Attributes:
        root: absolute path of its root, or its URL without secrets.
        path: below the root, without a leading slash; empty for a root that is a file.
        identity: of the item; zeros where it could not be asked for.
        links: number of names of the same file; more than one: hard links.
        status: why it is not looked at; None for a file that is.
        reason: more about that.
        is_folder: a folder that could not be listed; what is below it is not known.
    """

    root: bytes
    path: bytes
    identity: Identity = _NOTHING
    links: int = 1
    status: ItemStatus | None = None
    reason: str | None = None
    is_folder: bool = False

    @property
    def full_path(self) -> bytes:
        return join(self.root, self.path)


def join(folder: bytes, name: bytes) -> bytes:
    """The path of a name within a folder; of no name, the folder."""
    return folder.rstrip(b"/") + b"/" + name if name else folder


def entries(roots: Iterable[bytes]) -> Iterator[Entry]:
    """Every item, root by root; of a folder first its files, then its folders, each by its bytes.

    Args:
        roots: as ``checked_roots`` gives them.

    A folder that is met again under another name, as a mount within itself is, is skipped.
    """
    met: set[tuple[int, int]] = set()
    for root in roots:
        if is_remote(root):
            from hashmatch.scan.remote_listing import remote_entries

            yield from remote_entries(root)
            continue
        try:
            status = os.stat(root)  # noqa: PTH116 - of bytes
        except OSError as error:
            yield failed_entry(root, b"", error)
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _tree(root, status, met)
        else:
            yield _entry(root, b"", status)


def _tree(root: bytes, status: os.stat_result, met: set[tuple[int, int]]) -> Iterator[Entry]:
    # A stack of our own: a hostile tree may be deeper than Python's recursion limit.
    pending = [(b"", status)]
    while pending:
        folder, listed = pending.pop()
        place = (listed.st_dev, listed.st_ino)
        if place in met:
            yield Entry(
                root, folder, Identity.of(listed), 1, ItemStatus.SKIPPED, "folder seen already"
            )
            continue
        met.add(place)
        below: list[tuple[bytes, os.stat_result]] = []
        yield from _folder(root, folder, place, below)
        pending.extend(reversed(below))


def _folder(
    root: bytes, folder: bytes, place: tuple[int, int], below: list[tuple[bytes, os.stat_result]]
) -> Iterator[Entry]:
    path = join(root, folder)
    try:
        handle = open_quietly(path, folder=True, follow=not folder)
    except OSError as error:
        yield failed_entry(root, folder, error)
        return
    try:
        status = os.fstat(handle)
        if (status.st_dev, status.st_ino) != place:
            yield failed_entry(root, folder, OSError(None, "another folder by now"))
            return
        names = _names(handle)
        for name in names:
            relative = join(folder, name) if folder else name
            try:
                status = os.stat(name, dir_fd=handle, follow_symlinks=False)
            except OSError as error:
                yield failed_entry(root, relative, error, is_folder=False)
                continue
            if stat.S_ISDIR(status.st_mode):
                below.append((relative, status))
            else:
                yield _entry(root, relative, status)
    except OSError as error:
        yield failed_entry(root, folder, error)
    finally:
        os.close(handle)


def _names(handle: int) -> list[bytes]:
    # Names alone: with what the system says of each, a million files would fill the memory.
    return sorted(os.fsencode(name) for name in os.listdir(handle))


def _entry(root: bytes, path: bytes, status: os.stat_result) -> Entry:
    skipped = None
    if stat.S_ISLNK(status.st_mode):
        skipped = "symbolic link"
    elif not stat.S_ISREG(status.st_mode):
        skipped = "not a regular file"
    return Entry(
        root,
        path,
        Identity.of(status),
        status.st_nlink,
        ItemStatus.SKIPPED if skipped else None,
        skipped,
    )


def failed_entry(root: bytes, path: bytes, error: OSError, *, is_folder: bool = True) -> Entry:
    """An item that could not be reached; of a folder, that could not be listed."""
    return Entry(
        root,
        path,
        status=status_of(error),
        reason=error.strerror or type(error).__name__,
        is_folder=is_folder,
    )


def status_of(error: OSError) -> ItemStatus:
    """Why something could not be reached."""
    from hashmatch.fingerprinting import access_status

    return ItemStatus(access_status(error.errno).value)
