"""Whatever is written is read back as the same records, and written again as the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashmatch.exchange import load_schemes, open_reader, sort_key, write_list
from hashmatch.types import Digests, HashRecord, HashValue, MediaKind, Opinion

SCHEME = load_schemes().get("vics-us-current")


def hexes(n_bytes: int) -> st.SearchStrategy[str]:
    # A middle byte apart from 00 and ff, and no digest of the empty input.
    half = n_bytes // 2
    return st.binary(min_size=n_bytes, max_size=n_bytes).map(
        lambda b: (b[:half] + b"\x5a" + b[half + 1 :]).hex()
    )


def values(algorithm: str, n_bytes: int) -> st.SearchStrategy[HashValue]:
    quality = st.none() | st.integers(0, 100) if algorithm == "pdq" else st.none()
    return st.builds(
        lambda text, q: HashValue.from_hex(algorithm, text, q), hexes(n_bytes), quality
    )


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
items = texts.map(str.strip).filter(bool).filter(lambda t: "interpol-baseline" not in t.lower())
item_tuples = st.lists(items, max_size=3, unique=True).map(tuple)
flags = st.none() | st.booleans()
json_values = st.recursive(
    st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
extras = st.dictionaries(
    # A name with OData's mark is an annotation of the document, which the reader leaves out.
    texts.map(lambda t: f"x{t}").filter(lambda name: "@odata." not in name.casefold()),
    json_values.map(lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":"))),
    max_size=3,
)
hash_tuples = st.lists(
    values("pdq", 32) | values("photodna", 144), max_size=4, unique_by=lambda h: h.value
).map(lambda hashes: tuple(sorted(hashes, key=lambda h: (h.algorithm, h.value))))
opinions = st.builds(
    lambda code, **rest: Opinion(SCHEME.id, code, SCHEME.codes[code], **rest),
    st.sampled_from(sorted(SCHEME.codes)),
    baseline=flags,
    victim_identified=flags,
    offender_identified=flags,
    distributed=flags,
    self_generated=flags,
    suspected=flags,
    precategorized=flags,
    series=item_tuples,
    tags=item_tuples,
    updated_raw=st.none() | texts,
)
digest_sets = st.builds(
    Digests, st.none() | hexes(16), st.none() | hexes(20), st.none() | hexes(32)
).filter(lambda d: d.md5 is not None or d.sha1 is not None)
kinds = st.sampled_from(
    [
        (MediaKind.UNKNOWN, None),
        (MediaKind.IMAGE, None),
        (MediaKind.VIDEO, None),
        (MediaKind.OTHER, None),
        (MediaKind.IMAGE, "image/jpeg"),
        (MediaKind.VIDEO, "video/mp4"),
        (MediaKind.OTHER, "application/pdf"),
        (MediaKind.UNKNOWN, "application/octet-stream"),
    ]
)


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
