"""Which contents a person means, by path or by digest."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from os import PathLike

from hashmatch.errors import InputError
from hashmatch.scan import Catalogue

Name = str | bytes | PathLike[str] | PathLike[bytes]

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def named_contents(catalogue: Catalogue, names: Iterable[Name]) -> dict[str, str]:
    """Contents by the names that a person gave them; the catalogue is read once.

    Args:
        names: SHA-256 in hex, or paths as the scan met them or relative to the current folder.
            A member of an archive is named as reports name it, with ``!/``.

    Returns:
        The path of the first file of each, by SHA-256 in hex, in the order of the names; what is
        named twice is there once.

    Raises:
        InputError: a name is of no file that the catalogue has, or whose bytes it does not know.
    """
    asked = [os.fsencode(name) for name in names]
    digests = {name: os.fsdecode(name).lower() for name in asked if _is_digest(name)}
    paths = {name: _absolute(name) for name in asked if name not in digests}
    wanted_digests, wanted_paths = set(digests.values()), {*paths, *paths.values()}
    by_path: dict[bytes, str | None] = {}
    first: dict[str, str] = {}
    for item in catalogue.items():
        sha256 = None if item.content is None else item.content.digests.sha256
        name = os.fsencode(item.name)
        if name in wanted_paths:
            by_path[name] = sha256
        if sha256 is not None and (sha256 in wanted_digests or name in wanted_paths):
            first.setdefault(sha256, item.name)
    found: dict[str, str] = {}
    for name in asked:
        known = digests.get(name) or by_path.get(name) or by_path.get(paths[name])
        if known is None or known not in first:
            unread = name in paths and (name in by_path or paths[name] in by_path)
            what = "its bytes are not known" if unread else "the catalogue has no such file"
            raise InputError(f"{os.fsdecode(name)!r}: {what}")
        found[known] = first[known]
    return found


def _is_digest(name: bytes) -> bool:
    return _SHA256.fullmatch(os.fsdecode(name)) is not None


def _absolute(name: bytes) -> bytes:
    return os.path.abspath(name)  # noqa: PTH100 - bytes; links must stay as they are
