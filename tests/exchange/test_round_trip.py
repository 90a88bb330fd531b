"""Whatever is written is read back as the same records, and written again as the same bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vics_strategies import digest_sets, extras, hash_tuples, kinds, opinions

from hashmatch.exchange import open_reader, sort_key, write_list
from hashmatch.types import HashRecord


@st.composite
def records(draw: st.DrawFn) -> HashRecord:
    digests = draw(digest_sets)
    kind, mime = draw(kinds)
    key = f"md5:{digests.md5}" if digests.md5 else f"sha1:{digests.sha1}"
    return HashRecord(
        record_key=key,
        position=1,
        digests=digests,
        opinion=draw(opinions),
        kind=kind,
        mime=mime,
        size=draw(st.none() | st.integers(1, 2**63 - 1)),
        hashes=draw(hash_tuples),
        extra=draw(extras),
    )


def read_all(path: Path) -> list[HashRecord]:
    with open_reader(path, format="vics-2.0") as reader:
        found = []
        for item in reader:
            assert isinstance(item, HashRecord)
            found.append(item)
        assert reader.warnings == {}
        return found


@given(st.lists(records(), max_size=8, unique_by=sort_key))
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_write_then_read_gives_the_same_records(
    tmp_path_factory: pytest.TempPathFactory, given_records: list[HashRecord]
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    ordered = sorted(given_records, key=sort_key)
    ledger = write_list(ordered, folder / "one.json")
    assert ledger.seen == ledger.done == len(ordered)
    found = read_all(folder / "one.json")
    assert found == [replace(r, position=n) for n, r in enumerate(ordered, start=1)]
    write_list(found, folder / "two.json")
    assert (folder / "two.json").read_bytes() == (folder / "one.json").read_bytes()


@pytest.mark.parametrize("name", ["vics_2_0_full.json", "vics_1_3_media.json", "icse_2022.csv"])
def test_every_list_settles_after_one_trip(
    read: Any, golden: Path, tmp_path: Path, name: str
) -> None:
    records = sorted(read(golden / name).records, key=sort_key)
    write_list(records, tmp_path / "one.json")
    once = read(tmp_path / "one.json").records
    write_list(once, tmp_path / "two.json")
    assert (tmp_path / "two.json").read_bytes() == (tmp_path / "one.json").read_bytes()
    assert [(r.digests, r.hashes, r.size, r.opinion.label, r.opinion.baseline) for r in once] == [
        (r.digests, r.hashes, r.size, r.opinion.label, r.opinion.baseline) for r in records
    ]
