"""Contents that a person names: by a path as the report has it, or by a digest."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hashmatch.errors import InputError
from hashmatch.report import path_of
from hashmatch.scan import Catalogue, CatalogueContent

_DIGEST = re.compile(r"[0-9a-fA-F]{8,64}")
_SHOWN = 5


def found_contents(catalogue: Catalogue, names: Iterable[str]) -> dict[str, str]:
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
        content, path = _found(catalogue, name)
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
        contents = catalogue.with_sha256(name.lower(), _SHOWN)
        if len(contents) > 1:
            raise InputError(f"{name}: expected one content, got several that begin so")
        if contents:
            return contents[0], catalogue.items_of(contents[0].number)[0].name
    raise InputError(
        f"{name}: expected the path of a file of the last run, or the SHA-256 of its content"
    )


def group_of(folder: str | os.PathLike[str], contents: Mapping[str, str]) -> dict[str, str]:
    """Contents with everything that is in a group with one of them in the last report.

    Args:
        folder: of the outputs.
        contents: a path by each content's SHA-256.

    Returns:
        The same, those of the groups after them.

    Raises:
        InputError: there is no table of groups.
    """
    table = Path(folder) / "groups.jsonl"
    wanted = {row["group"] for row in _rows(table) if row["sha256"] in contents}
    found = dict(contents)
    for row in _rows(table):
        if row["group"] in wanted and row["sha256"]:
            found.setdefault(row["sha256"], path_of(row))
    return found


def _rows(table: Path) -> Iterator[dict[str, Any]]:
    try:
        with table.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except OSError as error:
        raise InputError(f"{table}: no groups to be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"{table}: this is no table of groups ({error})") from error
