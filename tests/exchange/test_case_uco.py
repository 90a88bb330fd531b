"""CASE/UCO JSON-LD: hashes of files in a graph, in every spelling; the writer's exact output."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError
from hashmatch.exchange import open_reader, sort_key, write_list
from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Opinion

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
UCO = "https://ontology.unifiedcyberontology.org/uco/"


def hash_node(method: str, value: str) -> dict[str, Any]:
    return {
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": method,
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": value},
    }


def graph(*hashes: dict[str, Any], **content: Any) -> dict[str, Any]:
    facet = {
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": list(hashes),
        **{f"uco-observable:{name}": value for name, value in content.items()},
    }
    file = {"@id": "kb:1", "@type": "uco-observable:File", "uco-core:hasFacet": [facet]}
    return {"@context": {"uco-core": f"{UCO}core/"}, "@graph": [file]}


def test_golden_file(read: Any, golden: Path) -> None:
    found = read(golden / "case_uco" / "files.jsonld")
    assert found.info.format == "case-uco-1.4"
    file, apart = found.records
    assert found.items == [file, apart]
    assert file.record_key == "kb:File-2a0d7d4e-5d0a-4b32-9c4e-4a3b0f1e2d01"
    assert file.digests == Digests(md5=MD5)
    assert file.hashes == (HashValue.from_hex("pdq", PDQ),)
    assert (file.mime, file.size, file.kind) == ("image/jpeg", 19, MediaKind.IMAGE)
    assert (apart.record_key, apart.position) == ("kb:Hash-flat", 3)
    assert apart.digests.sha1 == "b57684e36e7e71b24e4afda623ffadfc9b51926c"
    assert found.warnings == {
        "dropped file name and path": 1,
        "node without hashes": 1,
        "hash apart from its file": 1,
    }
    assert "a.jpg" not in repr(found.items)


@pytest.mark.parametrize(
    ("method", "value", "name"),
    [
        *[("MD5", MD5.upper(), "md5"), ("md5", MD5, "md5"), ("SHA-1", SHA1, "sha1")],
        *[("SHA256", "ab" * 32, "sha256"), ("sha-256", "AB" * 32, "sha256")],
    ],
)
def test_digests(read: Any, method: str, value: str, name: str) -> None:
    (record,) = read(graph(hash_node(method, value))).records
    assert record.digests.items() == [(name, value.lower())]


def test_perceptual_and_unknown_methods(read: Any) -> None:
    photodna = bytes(range(144))
    (record,) = read(
        graph(
            hash_node("PhotoDNA", photodna.hex().upper()),
            hash_node("PDQ", PDQ.upper()),
            hash_node("SSDEEP", "3:abc:def"),
        )
    ).records
    assert set(record.hashes) == {
        HashValue("photodna", photodna),
        HashValue.from_hex("pdq", PDQ),
    }
    assert record.extra == {"hash/SSDEEP": "3:abc:def"}


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (hash_node("MD5", "0" * 32), "no usable hash"),
        (hash_node("MD5", "d41d8cd98f00b204e9800998ecf8427e"), "no usable hash"),
        (hash_node("SHA1", MD5), "no usable hash"),
        (hash_node("PDQ", MD5), "no usable hash"),
        (hash_node("SHA512", "ab" * 64), "no usable hash"),
        ({"@type": "uco-types:Hash", "uco-types:hashValue": MD5}, "no usable hash"),
    ],
)
def test_files_without_a_usable_hash(read: Any, node: dict[str, Any], reason: str) -> None:
    found = read(graph(node))
    assert [(r.reason, r.whole_record) for r in found.items] == [(reason, True)]


def test_a_digest_twice_must_say_the_same(read: Any) -> None:
    hashes = (hash_node("MD5", MD5), hash_node("MD5", MD5[::-1]), hash_node("SHA1", SHA1))
    (record,) = read(graph(*hashes)).records
    assert record.digests == Digests(sha1=SHA1)
    assert [r.reason for r in record.rejects] == ["md5 twice with different values"]


def test_payload_never_enters(read: Any) -> None:
    large = "A" * 3_000_000
    (record,) = read(graph(hash_node("MD5", MD5), dataPayload=large, entropy=3.5)).records
    assert record.extra == {"content/entropy": "3.5"}
    assert "AAAA" not in repr(record)


def test_full_names_and_single_values(read: Any) -> None:
    text = json.dumps(graph(hash_node("MD5", MD5), sizeInBytes=[{"@value": 7}]))
    for part in ("core", "observable", "types"):
        text = text.replace(f'"uco-{part}:', f'"{UCO}{part}/')
    document = json.loads(text)
    file = document["@graph"][0]
    file[f"{UCO}core/hasFacet"] = file[f"{UCO}core/hasFacet"][0]
    (record,) = read(document).records
    assert (record.digests.md5, record.size) == (MD5, 7)


def test_other_facets_are_kept_but_for_names(read: Any) -> None:
    document = graph(hash_node("MD5", MD5))
    file = document["@graph"][0]
    file["uco-core:name"] = "secret.jpg"
    file["uco-core:tag"] = ["a", "b"]
    file["uco-core:description"] = "x"
    file["uco-core:hasFacet"] += [
        {"@type": "uco-observable:RasterPictureFacet", "uco-observable:pictureWidth": 3},
        {"@type": "uco-observable:EXIFFacet", "uco-observable:exifData": {"k": "v"}},
        {"@id": "kb:elsewhere"},
    ]
    found = read(document)
    (record,) = found.records
    assert record.extra == {"description": '"x"', "RasterPictureFacet/pictureWidth": "3"}
    assert record.opinion.tags == ("a", "b")
    assert record.kind is MediaKind.IMAGE
    assert found.warnings == {"dropped file name": 1, "dropped Exif": 1}


def test_no_graph(read: Any) -> None:
    with pytest.raises(ExchangeError, match="expected records in @graph"):
        read("{}", format="case-uco")


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=8)
DIGEST = {n: st.none() | st.binary(min_size=n, max_size=n).map(bytes.hex) for n in (16, 20, 32)}
RECORDS = st.builds(
    HashRecord,
    TEXT,
    st.just(1),
    st.builds(Digests, DIGEST[16], DIGEST[20], DIGEST[32]),
    st.builds(
        Opinion,
        st.just("case-uco-label"),
        st.none(),
        st.sampled_from(Label),
        tags=st.lists(TEXT, unique=True, max_size=3).map(sorted).map(tuple),
    ),
    mime=st.none() | st.sampled_from(["image/png", "video/mp4", "x"]),
    size=st.none() | st.integers(1, 2**63 - 1),
    hashes=st.lists(
        st.builds(HashValue, st.just("pdq"), st.binary(min_size=32, max_size=32))
        | st.builds(HashValue, st.just("photodna"), st.binary(min_size=144, max_size=144)),
        max_size=2,
    ).map(tuple),
)


def facts(record: HashRecord) -> tuple[Any, ...]:
    values = sorted({(h.algorithm, h.value) for h in record.hashes})
    return record.digests, values, record.mime, record.size, record.opinion.tags


def usable(record: HashRecord) -> bool:
    constant = [*(value for _, value in record.digests.items()), *(h.hex for h in record.hashes)]
    return bool(constant) and not any(set(text) <= {"0"} or set(text) <= {"f"} for text in constant)


@given(st.lists(RECORDS.filter(usable), max_size=4), st.randoms())
def test_written_files_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, records: Sequence[HashRecord], random: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "case-out"
    ledger = write_list(sorted(records, key=sort_key), path, format="case-uco-1.4", overwrite=True)
    assert ledger.done == len(records)
    first = path.read_bytes()
    with open_reader(path, format="case-uco") as reader:
        found = list(reader)
    assert all(isinstance(item, HashRecord) for item in found)
    read_again = {repr(facts(r)) for r in found if isinstance(r, HashRecord)}
    assert read_again == {repr(facts(r)) for r in records}
    labels = {r.opinion.label for r in found if isinstance(r, HashRecord)}
    assert labels == {r.opinion.label for r in records}
    random.shuffle(records)
    write_list(sorted(records, key=sort_key), path, format="case-uco-1.4", overwrite=True)
    assert path.read_bytes() == first


def test_writer_says_what_it_leaves_out(tmp_path: Path) -> None:
    plain = HashRecord("k", 1, Digests(md5=MD5), Opinion("s", "1", Label.CSAM))
    more = replace(
        plain,
        digests=Digests(sha1=SHA1, md5=MD5),
        opinion=Opinion("s", "1", Label.CSAM, distributed=True, series=("S",)),
        extra={"Miniature": "AAAA", "FileName": "secret.jpg"},
    )
    nothing = replace(plain, digests=Digests())
    ledger = write_list([nothing, plain, more], tmp_path / "out", format="case-uco-1.4")
    assert dict(ledger.reasons) == {
        ("done", "members without a place left out"): 1,
        ("rejected", "no hash"): 1,
    }
    text = (tmp_path / "out").read_text()
    document = json.loads(text)
    assert list(document) == ["@context", "@graph"]
    assert len(document["@graph"]) == 2
    for private in ("Miniature", "secret", "dataPayload"):
        assert private not in text
    assert '"uco-core:tag":["S"]' in text
    hashes = document["@graph"][1]["uco-core:hasFacet"][0]["uco-observable:hash"]
    assert [h["uco-types:hashMethod"] for h in hashes] == ["MD5", "SHA1"]
    assert hashes[0]["uco-types:hashValue"] == {"@type": "xsd:hexBinary", "@value": MD5.upper()}
    ids = [part.partition('"')[0] for part in text.split('"@id":"')[1:]]
    assert len(set(ids)) == len(ids)
