"""Roots that are URLs: what of them may be shown and kept, and what is needed to open them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from hashmatch.errors import InputError

_URL = re.compile(
    r"((?:[a-z0-9+.-]+::)*[a-z][a-z0-9+.-]*)://([^/]*)(.*)", re.DOTALL | re.IGNORECASE
)
_USER = re.compile(r"([a-z][a-z0-9+.-]*://)[^/\s]*@", re.IGNORECASE)
_QUERY = re.compile(r"(https?://[^?#\s]*)[?#]\S*", re.IGNORECASE)
_WEB = ("http", "https")

_ACCESS: dict[bytes, str] = {}
"""The whole URL of each root that this process was given, by what is shown of it."""


def is_url(root: str | bytes) -> bool:
    """Whether a root is named by a URL, and not by a path."""
    return _URL.fullmatch(os.fsdecode(root)) is not None


def is_remote(path: bytes) -> bool:
    """Whether an absolute path, as roots and entries have it, is that of a URL."""
    return not path.startswith(b"/")


def without_secrets(text: str) -> str:
    """A text with URLs in it, without users, passwords and the queries of web addresses."""
    return _QUERY.sub(r"\1", _USER.sub(r"\1", text))


def shown_root(url: str | bytes) -> bytes:
    """A URL as it is kept: scheme, host and path alone; remembers the whole of it.

    Raises:
        InputError: it can't be a root.
    """
    text = os.fsdecode(url)
    matched = _URL.fullmatch(text)
    shown = without_secrets(text)
    if matched is None or "::" in text or "\0" in text or not (matched[2] + matched[3]).strip("/"):
        raise InputError(f"roots: {shown!r} can't be a root; expected scheme://host/path")
    scheme = matched[1].lower()
    host, path = matched[2].rpartition("@")[2], matched[3]
    if scheme in _WEB:
        path, *query = re.split("[?#]", path, maxsplit=1)
        if query and path.endswith("/"):
            raise InputError(f"roots: {shown!r} is a folder; expected no query in its address")
    public = os.fsencode(f"{scheme}://{host}{path}".rstrip("/"))
    _ACCESS[public] = text
    return public


def access_of(roots: Iterable[bytes]) -> tuple[tuple[bytes, str], ...]:
    """The whole URLs of remote roots, secrets included: for other processes of a run."""
    return tuple((root, _ACCESS[root]) for root in roots if root in _ACCESS)


def remember(access: Iterable[tuple[bytes, str]]) -> None:
    """In another process: what ``access_of`` gave."""
    _ACCESS.update(access)


def url_of(path: bytes) -> tuple[str, bytes]:
    """The root that a remote path lies below, as its whole URL, and what is below it.

    Of a path below no root that is known, itself: where no secrets are needed, that will do.
    """
    root = path
    while root not in _ACCESS:
        root, slash, _ = root.rpartition(b"/")
        if not slash:
            return os.fsdecode(path), b""
    return _ACCESS[root], path[len(root) + 1 :]


def is_web_folder(url: str) -> bool:
    """Of web addresses: those of folders end with a slash, and nothing else says so."""
    matched = _URL.fullmatch(url)
    if matched is None or matched[1].lower() not in _WEB:
        return False
    return re.split("[?#]", matched[3], maxsplit=1)[0].endswith("/")
