"""Reads whole lists from bytes, text or JSON values; lists in tests are small."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hashmatch.exchange import ListInfo, open_reader
from hashmatch.types import Deletion, HashRecord, Reject

CONTEXT_2_0 = (
    "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
)


@dataclass(frozen=True)
class ReadList:
    info: ListInfo
    items: list[HashRecord | Reject | Deletion]
    warnings: Counter[str]
    bytes_read: int

    @property
    def records(self) -> list[HashRecord]:
        return [item for item in self.items if isinstance(item, HashRecord)]

    @property
    def rejects(self) -> list[Reject]:
        return [item for item in self.items if isinstance(item, Reject)]


Read = Callable[..., ReadList]


@pytest.fixture(scope="session")
def golden() -> Path:
    return Path(__file__).parents[1] / "golden" / "exchange"


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """read(what, **options of open_reader): what is a path, bytes, text or a JSON value."""
    folder = tmp_path_factory.mktemp("lists")

    def read_all(what: Any, **options: Any) -> ReadList:
        if isinstance(what, Path):
            path = what
        else:
            path = folder / "list"
            text = what if isinstance(what, (str, bytes)) else json.dumps(what)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with open_reader(path, **options) as reader:
            items = list(reader)
            assert reader.bytes_read == reader.total_bytes == path.stat().st_size
            return ReadList(reader.info, items, reader.warnings, reader.bytes_read)

    return read_all


@pytest.fixture(scope="session")
def hash_set() -> Callable[..., dict[str, Any]]:
    """hash_set(media..., context=...): a VICS document as a JSON value."""

    def make(*media: Any, context: str = CONTEXT_2_0) -> dict[str, Any]:
        key = "@odata.context" if "2.0.xml" in context else "odata.metadata"
        return {key: context, "value": list(media)}

    return make
