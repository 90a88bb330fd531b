"""Contents that a person names: by a path as the report has it, or by a digest."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from hashmatch.errors import InputError
from hashmatch.scan import Catalogue, CatalogueContent

Name = str | bytes | os.PathLike[str] | os.PathLike[bytes]

_DIGEST = re.compile(r"[0-9a-fA-F]{8,64}")


def named_contents(catalogue: Catalogue, names: Iterable[Name]) -> dict[str, str]:
    """The contents that are named.

    Args:
        catalogue: after a scan.
        names: paths as ``CatalogueItem.name`` has them, absolute or from the working folder, or
            SHA-256 in hex, or the first eight digits or more of one. A path comes first.

    Returns:
        A path by each content's SHA-256, in the order of the names.

    Raises:
        InputError: a name that is of no content, or the beginning of several digests.
        CatalogueError: the catalogue can't be read.
    """
    found: dict[str, str] = {}
    for name in names:
        content, path = _found(catalogue, os.fsdecode(name))
        found.setdefault(content.digests.sha256 or "", path)
    return found


def _found(catalogue: Catalogue, name: str) -> tuple[CatalogueContent, str]:
    for path in dict.fromkeys((name, os.path.abspath(name))):  # noqa: PTH100 - links stay
        item = catalogue.find(os.fsencode(path))
        if item is not None:
            if item.content is None:
                raise InputError(f"{name}: its bytes are not known ({item.status})")
            return item.content, item.name
    if _DIGEST.fullmatch(name):
        contents = catalogue.with_sha256(name.lower(), 2)
        if len(contents) > 1:
            raise InputError(f"{name}: expected one content, got several that begin so")
        if contents:
            return contents[0], catalogue.items_of(contents[0].number)[0].name
    raise InputError(
        f"{name!r}: the last run met no such file; expected its path, or the SHA-256 of its content"
    )
