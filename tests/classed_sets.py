"""Questions to small catalogues, and groups of their files made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from hashmatch.report import GroupKind
from hashmatch.scan import Catalogue, CatalogueItem
from hashmatch.triage import Classification, CopyGroup, CopyGroups


def item_at(catalogue: Catalogue, path: str) -> CatalogueItem:
    (found,) = [item for item in catalogue.items() if shown(item) == path]
    return found


def shown(item: CatalogueItem) -> str:
    """The path below the root, members after it."""
    path = item.path.decode("utf-8", "surrogateescape")
    return path + ("!/" + item.member.decode() if item.member else "")


def sha256_of(catalogue: Catalogue, path: str) -> str:
    content = item_at(catalogue, path).content
    assert content is not None
    assert content.digests.sha256 is not None
    return content.digests.sha256


def group_of(catalogue: Catalogue, *paths: str, **other: Any) -> CopyGroup:
    """A group of these files, the first one its representative."""
    contents = [item_at(catalogue, path).content for path in paths]
    n = len(paths)
    given: dict[str, Any] = {
        "kind": GroupKind.NEAR,
        "members": np.array([c.number for c in contents if c is not None], np.int64),
        "distances": np.array([0] + [4] * (n - 1), np.int64),
        "orientations": np.zeros(n, np.uint8),
        "shares": np.full(n, 100, np.int64),
        "why": "largest pixels",
    }
    return CopyGroup(**{**given, **other})


def groups_of(groups: Iterable[CopyGroup], linkage: str = "complete") -> CopyGroups:
    return CopyGroups(tuple(groups), linkage, 20)


def classes_of(classification: Classification) -> dict[str, str]:
    """Class of each file by its path."""
    return {shown(one.item): one.triage.value for one in classification.files()}
