"""Every item below a URL, in the order of ``listing``; bounded, for an index may have no end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hashmatch.scan.listing import Entry, failed_entry, join
from hashmatch.scan.remote_files import connected, identity_of, is_folder, told_as_system_errors
from hashmatch.scan.statuses import ItemStatus

MAX_DEPTH = 64
MAX_NAMES = 1_000_000
"""In one folder: they are held in memory."""
MAX_ITEMS = 100_000_000
"""Below one root."""


def remote_entries(root: bytes) -> Iterator[Entry]:
    """Every item; of a folder first its files, then its folders, each by their bytes."""
    try:
        if is_folder(root):
            yield from _tree(root)
        else:
            yield _file(root, b"", _info(root))
    except OSError as error:
        yield failed_entry(root, b"", error)


def _tree(root: bytes) -> Iterator[Entry]:
    pending = [b""]
    n_items = 0
    while pending:
        folder = pending.pop()
        if folder.count(b"/") >= MAX_DEPTH:
            yield _over(root, folder, f"more than {MAX_DEPTH} folders within each other")
            continue
        below: list[bytes] = []
        try:
            listed = _listed(root, folder)
        except OSError as error:
            yield failed_entry(root, folder, error)
            continue
        if len(listed) > MAX_NAMES:
            yield _over(root, folder, f"more than {MAX_NAMES} names in a folder")
            continue
        for name in sorted(listed):
            path = join(folder, name) if folder else name
            n_items += 1
            if n_items > MAX_ITEMS:
                yield _over(root, b"", f"more than {MAX_ITEMS} items")
                return
            if listed[name].get("type") == "directory" and not listed[name].get("islink"):
                below.append(path)
                continue
            try:
                yield _file(root, path, listed[name])
            except OSError as error:
                yield failed_entry(root, path, error, is_folder=False)
        pending.extend(reversed(below))


def _listed(root: bytes, folder: bytes) -> dict[bytes, Mapping[str, Any]]:
    """What is directly in a folder, by its name."""
    system, place = connected(join(root, folder))
    start = place.rstrip("/") + "/"
    with told_as_system_errors():
        system.invalidate_cache(place)
        # A web server tells a folder by the slash.
        infos = system.ls(start if "://" in place else place, detail=True)
    found: dict[bytes, Mapping[str, Any]] = {}
    for info in infos:
        name = str(info["name"])
        if not name.startswith(start):
            continue
        name = name[len(start) :].rstrip("/")
        # Sort orders of an index, and links to elsewhere; the folder's own marker in a store.
        web = "://" in place and ("?" in name or "#" in name)
        if name and name not in (".", "..") and "/" not in name and not web:
            found[name.encode("utf-8", "surrogateescape")] = info
    return found


def _info(path: bytes) -> Mapping[str, Any]:
    system, place = connected(path)
    with told_as_system_errors():
        info: Mapping[str, Any] = system.info(place)
    return info


def _file(root: bytes, path: bytes, info: Mapping[str, Any]) -> Entry:
    """Raises OSError: what it is, is not told."""
    full = join(root, path)
    skipped = None
    if path and (info.get("islink") or info.get("type") == "link"):
        skipped = "symbolic link"
    elif info.get("type") not in ("file", "link"):
        skipped = "not a regular file"
    if skipped is not None:
        size = info.get("size")
        listed = identity_of(full, {**info, "size": size if isinstance(size, int) else 0})
        return Entry(root, path, listed, 1, ItemStatus.SKIPPED, skipped)
    if info.get("size") is None:
        info = _info(full)
    return Entry(root, path, identity_of(full, info))


def _over(root: bytes, folder: bytes, reason: str) -> Entry:
    return Entry(root, folder, status=ItemStatus.LIMIT, reason=reason, is_folder=True)
