"""Records of VICS 1.3 and of ICSE tables: written, read, written, and nothing changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from list_strategies import flags
from vics_strategies import digest_sets, extras, hash_tuples, item_tuples, kinds, texts

from hashmatch.exchange import load_schemes, open_reader, sort_key, write_list
from hashmatch.types import HashRecord, HashValue, Label, MediaKind, Opinion

OLD = load_schemes().get("vics-1x-unknown-era")
cells = texts.map(lambda text: " ".join(text.split())).filter(bool)
slow = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def vics_records(draw: st.DrawFn) -> HashRecord:
    digests = draw(digest_sets)
    kind, mime = draw(kinds)
    code = draw(st.sampled_from([*sorted(OLD.codes), "0", "5"]))
    opinion = Opinion(
        OLD.id,
        code,
        OLD.codes.get(code, Label.UNCATEGORIZED),
        baseline=draw(flags),
        victim_identified=draw(flags),
        distributed=draw(flags),
        self_generated=draw(flags),
        suspected=draw(flags),
        precategorized=draw(flags),
        series=draw(item_tuples),
        tags=draw(item_tuples),
        updated_raw=draw(st.none() | texts),
    )
    return HashRecord(
        f"md5:{digests.md5}" if digests.md5 else f"sha1:{digests.sha1}",
        1,
        digests,
        opinion,
        kind,
        mime,
        draw(st.none() | st.integers(1, 2**63 - 1)),
        draw(hash_tuples),
        draw(extras),
    )


@st.composite
def icse_records(draw: st.DrawFn) -> HashRecord:
    digests = replace(draw(digest_sets), sha256=None)
    baseline = draw(flags)
    photodna = st.binary(min_size=142, max_size=142).map(lambda b: b"\x5a" + b + b"\x01")
    opinion = Opinion(
        "icse-baseline",
        {None: None, True: "Yes", False: "No"}[baseline],
        Label.CSAM if baseline else Label.UNCATEGORIZED,
        baseline,
        victim_identified=draw(flags),
        offender_identified=draw(flags),
        distributed=draw(flags),
        file_available=draw(flags),
        submissions=draw(st.none() | st.integers(0, 2**63 - 1)),
        series=draw(st.just(()) | cells.map(lambda text: (text,))),
    )
    names = st.sampled_from(["ZZ40", "Lace", "Investigation name", "Agency"])
    return HashRecord(
        draw(cells.map("IMG {}".format)),
        1,
        digests,
        opinion,
        draw(st.sampled_from(list(MediaKind))),
        hashes=draw(st.just(()) | photodna.map(lambda value: (HashValue("photodna", value),))),
        extra=draw(st.dictionaries(names, cells, max_size=4)),
    )


def read_all(path: Path, format: str) -> list[HashRecord]:
    with open_reader(path, format=format) as reader:
        found = []
        for item in reader:
            assert isinstance(item, HashRecord)
            assert item.rejects == ()
            found.append(replace(item, position=1))
        return found


def assert_nothing_changes(folder: Path, format: str, records: list[HashRecord]) -> None:
    ordered = sorted(records, key=sort_key)
    ledger = write_list(ordered, folder / "one", format=format)
    assert ledger.seen == ledger.done == len(ordered)
    found = read_all(folder / "one", format)
    assert found == ordered
    write_list(found, folder / "two", format=format)
    assert (folder / "two").read_bytes() == (folder / "one").read_bytes()


@given(st.lists(vics_records(), max_size=6, unique_by=sort_key))
@slow
def test_vics_1_3(tmp_path_factory: pytest.TempPathFactory, given_records: list[Any]) -> None:
    assert_nothing_changes(tmp_path_factory.mktemp("trip"), "vics-1.3", given_records)


@given(st.lists(icse_records(), max_size=6, unique_by=sort_key))
@slow
def test_icse(tmp_path_factory: pytest.TempPathFactory, given_records: list[Any]) -> None:
    assert_nothing_changes(tmp_path_factory.mktemp("trip"), "icse-csv", given_records)
