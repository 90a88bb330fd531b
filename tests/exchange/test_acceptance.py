"""The twenty acceptance tests of the exchange layer, one each, numbered as in its specification."""

from __future__ import annotations

import base64
import csv
import json
import random
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from golden_lists import GOLDEN_LISTS

from hashmatch.errors import ExchangeError
from hashmatch.exchange import (
    convert_list,
    open_reader,
    resolve_media_path,
    sort_key,
    sorted_records,
    write_list,
)
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.exchange.formats import FAMILIES
from hashmatch.types import Deletion, HashRecord, Label

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
MD5_2 = "dc83d5a2f987ac823853e6f8ed4674f3"
SHA1_2 = "b57684e36e7e71b24e4afda623ffadfc9b51926c"
SHA256 = "ad5bceaf0ee36d32ac6d20504c7dfff100124a05dc52fc26f35c5e5d1072c484"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
PHOTODNA = bytes(range(144))
BASE64 = base64.b64encode(PHOTODNA).decode()
DEFAULT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
OLD = "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media"
NIST = OLD.replace("1.3", "1.2")
ICSE = (
    "MD5;SHA1;ZZ40;PhotoDNA;Lace;Image ID;Is distributed;Victim identified;Offender identified;"
    "Series name;Investigation name;Agency;Number of submissions;File Available;Media Type;Baseline"
)


def vics(*media: dict[str, Any], context: str = DEFAULT) -> dict[str, Any]:
    key = "@odata.context" if "2.0.xml" in context else "odata.metadata"
    return {key: context, "value": list(media)}


def test_01_minimal_default_hash_set(read: Any) -> None:
    media = [
        {"MediaID": n, "Category": 1, "MD5": f"{n:032X}", "SHA1": f"{n:040X}", "MediaSize": n,
         "DateUpdated": "2023-06-07T02:31:49.8300Z", "IsPrecategorized": "true"}
        for n in range(1, 51)
    ]  # fmt: skip
    found = read(vics(*media))
    assert found.info.format == "vics-2.0"
    assert [r.digests.md5 for r in found.records] == [f"{n:032x}" for n in range(1, 51)]
    assert {r.opinion.label for r in found.records} == {Label.CSAM}
    assert not found.warnings


def test_02_photodna_among_alternative_hashes_value_first(read: Any) -> None:
    elements = [
        {"HashValue": BASE64, "HashName": "PhotoDNA"},
        {"HashValue": SHA256, "HashName": "sha256"},
        {"HashValue": "SHA1", "HashName": "SHA1"},  # an old writer's mistake
        {"HashName": "Lace", "HashValue": "QUJD"},
    ]
    (record,) = read(vics({"MD5": MD5, "AlternativeHashes": elements}, context=OLD)).records
    assert [(h.algorithm, h.value) for h in record.hashes] == [("photodna", PHOTODNA)]
    assert (record.digests.sha1, record.digests.sha256) == (None, SHA256)
    assert [r.reason for r in record.rejects] == ["sha1 characters"]
    assert "Lace" in record.extra["AlternativeHashes"]


def test_03_one_set_in_four_encodings(read: Any) -> None:
    text = json.dumps(vics({"MD5": MD5, "Category": 1, "Comments": "caf\xe9"}), ensure_ascii=False)
    wanted = read(text).items
    assert read(b"\xef\xbb\xbf" + text.encode()).items == wanted
    assert read(b"\xff\xfe" + text.encode()).items == wanted
    assert read(b"\xff\xfe" + text.encode("utf-16-le")).items == wanted
    assert read(text.encode("utf-16-le")).items == wanted


def test_04_one_line_of_any_length_needs_bounded_memory(tmp_path: Path) -> None:
    """8 MB on one line; benchmarks/bench_exchange.py has the gigabytes."""
    path = tmp_path / "list"
    with path.open("w") as file:
        file.write(f'{{"@odata.context":"{DEFAULT}","value":[')
        for n in range(1, 80_001):
            file.write(
                f'{"," * (n > 1)}{{"MediaID":{n},"Category":1,"MD5":"{n:032X}","X":"{"x" * 30}"}}'
            )
        file.write("]}")
    tracemalloc.start()
    try:
        with open_reader(path) as reader:
            assert sum(isinstance(item, HashRecord) for item in reader) == 80_000
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("row", [pytest.param(row, id=row.path) for row in GOLDEN_LISTS])
def test_05_truncated(read: Any, row: Any) -> None:
    """A cut in the last record fails, and salvage gives nothing that was not there."""
    data = row.file.read_bytes().rstrip(b"\r\n")
    whole = Counter(map(repr, read(row.file, **row.options).records))
    for cut in (len(data) // 2, len(data) * 3 // 4, len(data) - 3):
        options = {**row.options, **({} if "mapping" in row.options else {"format": row.format})}
        try:
            found = read(data[:cut], salvage=True, **options)
        except ExchangeError:
            continue  # nothing of it is whole
        if INCOMPLETE in found.info.facts:
            with pytest.raises(ExchangeError):
                read(data[:cut], **options)
            assert not Counter(map(repr, found.records)) - whole


def test_06_context_last_unknown_members_nested_objects(read: Any) -> None:
    media = {"MD5": MD5, "Category": 1, "Segments": {"MD5": MD5_2, "Category": 5}, "New": [{}]}
    text = json.dumps({"x": {"y": [1]}, "value": [media, {"MD5": MD5_2}], "z": 1})
    found = read(text[:-1] + f',"@odata.context":"{DEFAULT}"}}')
    assert [r.digests.md5 for r in found.records] == [MD5, MD5_2]
    assert found.records[0].opinion.label is Label.CSAM
    assert json.loads(found.records[0].extra["Segments"]) == media["Segments"]


@pytest.mark.parametrize(
    ("scheme", "zero", "five"),
    [
        ("vics-us-current", Label.NON_PERTINENT, Label.UNCATEGORIZED),
        ("vics-us-legacy", Label.UNCATEGORIZED, Label.NON_PERTINENT),
        (None, Label.UNCATEGORIZED, Label.UNCATEGORIZED),  # of 1.x nobody knows the era
    ],
)
def test_07_categories(read: Any, scheme: str | None, zero: Label, five: Label) -> None:
    values = [1, "1", 1.0, None, "", 0, "0", 5, "5"]
    media = [{"SHA1": f"{n:040x}", "Category": value} for n, value in enumerate(values, 1)]
    found = read(vics(*media, {"MD5": MD5}, context=OLD), scheme=scheme)
    none = Label.UNCATEGORIZED
    assert [r.opinion.label for r in found.records] == [
        Label.CSAM, Label.CSAM, Label.CSAM, none, none, zero, zero, five, five, none,
    ]  # fmt: skip


def test_08_flags(read: Any) -> None:
    values = [True, "true", "True", "false", None, ""]
    names = ("VictimIdentified", "OffenderIdentified", "IsDistributed", "IsSuspected",
             "IsPrecategorized", "SelfGenerated")  # fmt: skip
    media = [{"SHA1": f"{n:040x}", **dict.fromkeys(names, v)} for n, v in enumerate(values, 1)]
    for record, expected in zip(
        read(vics(*media)).records, [True, True, True, False, None, None], strict=True
    ):
        opinion = record.opinion
        assert [
            opinion.victim_identified, opinion.offender_identified, opinion.distributed,
            opinion.suspected, opinion.precategorized, opinion.self_generated,
        ] == [expected] * 6  # fmt: skip


def test_09_known_software(read: Any) -> None:
    """That an illegal opinion wins over this one, with a conflict, is the database's test."""
    media = {"Category": 8, "MD5": MD5, "SHA1": SHA1, "MediaSize": "488"}
    (record,) = read(vics(media, context=NIST)).records
    assert record.opinion.label is Label.KNOWN_IGNORABLE
    (other,) = read(vics({**media, "Category": 1})).records
    assert other.opinion.label is Label.CSAM
    assert other.opinion.label.severity > record.opinion.label.severity


def test_10_icse_with_its_defects(read: Any) -> None:
    rows = [f"{MD5};{SHA1};;;;IMG-1;Y;N;N;;;;3;True;Image;Yes;",
            f"{MD5_2}0;{SHA1_2};;;;IMG-2;N;N;N;;;;1;False;Video;No;"]  # fmt: skip
    found = read("\n".join([ICSE, *rows, ""]))
    assert [dict(r.digests.items()) for r in found.records] == [
        {"md5": MD5, "sha1": SHA1},
        {"sha1": SHA1_2},
    ]
    assert [r.opinion.baseline for r in found.records] == [True, False]
    assert found.records[1].opinion.label is not Label.NON_PERTINENT
    assert [r.reason for r in found.records[1].rejects] == ["md5 length"]


def test_11_photodna_of_icse_and_vics_is_the_same(read: Any) -> None:
    one = read(vics({"MD5": MD5, "PhotoDNA": BASE64})).records[0].hashes
    two = read(f"{ICSE}\n{MD5};;;{PHOTODNA.hex().upper()}{';' * 12}\n").records[0].hashes
    assert one == two
    assert one[0].value == PHOTODNA


def test_12_worthless_hashes_are_in_no_list(read: Any) -> None:
    """Every format: test_quirks_values.py."""
    for row in GOLDEN_LISTS:
        for record in read(row.file, **row.options).records:
            for digest in dict(record.digests.items()).values():
                assert len(set(digest)) > 1
                assert not digest.startswith(
                    ("d41d8cd98f00b204e98", "da39a3ee5e6b", "e3b0c44298fc")
                )
            assert all(len(set(item.value)) > 1 for item in record.hashes)


def test_13_ncmec_pages(read: Any) -> None:
    def entry(kind: str, members: str, md5: str) -> str:
        return (
            f"<{kind}>{members}<fingerprints><md5>{md5}</md5><new-one>x</new-one></fingerprints>"
            f"<feedback/></{kind}>"
        )

    one = '<member id="42">A</member><timestamp>2024-03-01T00:00:05Z</timestamp><id>1</id>'
    two = '<id>1</id><timestamp>2024-03-01T00:00:06Z</timestamp><member id="42">A</member>'
    gone = one.replace("<id>1</id>", "<id>2</id>")
    page = (
        '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">'
        f"<images>{entry('image', one, MD5)}{entry('image', two, MD5_2)}"
        f"<deletedImage>{gone}</deletedImage></images>%s"
        "<paging><next>/v2/entries?from=a&amp;start=2</next></paging></queryResult>"
    )
    for videos in ("", f"<videos>{entry('video', one, MD5)}</videos>"):
        found = read(page % videos)
        keys = [item.record_key for item in found.items]
        assert keys == ["42/image/1", "42/image/1", "42/image/2", "42/video/1"][: 3 + bool(videos)]
        assert isinstance(found.items[2], Deletion)
        assert found.records[0].extra["fingerprints/new-one"] == "x"
        assert found.info.facts["next"] == "/v2/entries?from=a&start=2"
        assert not found.rejects


def test_14_vpdq_exponents_and_forged_tmk(read: Any, golden: Path) -> None:
    (record,) = read([f"{PDQ},100,0.0", f"{PDQ[:-1]}8,88,1.23e+02"]).records
    assert [h.time_s for h in record.hashes] == [0.0, 123.0]
    data = bytearray((golden / "tmk" / "small.tmk").read_bytes())
    for field in (16, 20, 24):
        forged = data[:field] + (2**30).to_bytes(4, "little") + data[field + 4 :]
        tracemalloc.start()
        try:
            with pytest.raises(ExchangeError):
                read(bytes(forged))
            assert tracemalloc.get_traced_memory()[1] < 4 << 20
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("name", ["minimal.db", "full.db", "rds1.txt", "rds2.txt", "rds2.zip"])
def test_15_nsrl_in_every_form(read: Any, golden: Path, name: str) -> None:
    found = read(golden / "nsrl" / name)
    assert found.records
    assert {r.opinion.label for r in found.records} == {Label.KNOWN_IGNORABLE}
    assert (MD5, SHA1) in {(r.digests.md5, r.digests.sha1) for r in found.records}


def test_16_ambiguous_hashes(read: Any) -> None:
    """A base32 SHA-1 has the length of an MD5; 64 digits are SHA-256 or PDQ."""
    text = base64.b32encode(bytes.fromhex(SHA1)).decode()
    assert len(text) == len(MD5)
    assert [dict(r.digests.items()) for r in read(f"{text}\n{MD5}\n").records] == [
        {"sha1": SHA1},
        {"md5": MD5},
    ]
    both = "A2B3C4D5E6F7A2B3C4D5E6F7A2B3C4D5"
    assert read(f"{both}\n").records[0].digests.md5 == both.lower()
    (declared,) = read(f"{both}\n", hash_type="sha1").records
    assert declared.digests.sha1 == base64.b32decode(both).hex()
    assert declared.digests.md5 is None
    for ambiguous in (PDQ, base64.b64encode(bytes.fromhex(PDQ)).decode()):
        with pytest.raises(ExchangeError):  # a row of any table, not a frame with a quality
            read(f"12,1,{ambiguous},48213\n")
        for form in (f"{ambiguous}\n", f"hash,x\n{ambiguous},1\n", f"{ambiguous},100,a\n"):
            with pytest.raises(ExchangeError, match="SHA-256 or PDQ"):
                read(form)
        (pdq,) = read(f"{ambiguous}\n", hash_type="pdq").records
        (sha256,) = read(f"{ambiguous}\n", hash_type="sha256").records
        assert (pdq.hashes[0].hex, sha256.digests.sha256) == (PDQ, PDQ)


def no_pairs_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@pytest.mark.parametrize("format", ["vics-2.0", "vics-1.3"])
def test_17_round_trip_in_the_strict_profile(
    read: Any, golden: Path, tmp_path: Path, format: str
) -> None:
    records = read(golden / "vics_2_0_full.json").records
    write_list(sorted(records, key=sort_key), tmp_path / "list", format=format)
    data = (tmp_path / "list").read_bytes()
    again = read(tmp_path / "list").records
    facts = [[(r.digests, r.hashes, r.size, r.opinion.label, r.opinion.victim_identified)
              for r in sorted(each, key=sort_key)] for each in (records, again)]  # fmt: skip
    assert facts[0] == facts[1]
    document = json.loads(data.decode("ascii"), object_pairs_hook=no_pairs_twice)
    assert list(document) == [
        "@odata.context" if format == "vics-2.0" else "odata.metadata",
        "value",
    ]
    assert data.count(b"\n") >= len(records)
    for media in document["value"]:
        assert None not in media.values()
        assert type(media["Category"]) is int
        assert not any(isinstance(value, dict) for value in media.values())
        assert media["MD5"] == media["MD5"].upper()
        flags = [media[k] for k in ("VictimIdentified", "IsDistributed") if k in media]
        wanted = bool if format == "vics-2.0" else str
        assert all(isinstance(flag, wanted) for flag in flags)
        assert isinstance(media["MediaSize"], int if format == "vics-2.0" else str)
        for element in media.get("AlternativeHashes", []):
            assert list(element)[:2] == ["HashName", "HashValue"]
        assert len(media.get("PhotoDNA", BASE64)) == 192


@pytest.mark.parametrize(
    "path", ["..\\x", "C:\\x", "\\\\host\\x", "/x", "a.jpg:zone", "a\0", "x/../../y"]
)
def test_18_paths_that_lead_out(tmp_path: Path, path: str) -> None:
    with pytest.raises(ExchangeError):
        resolve_media_path(tmp_path / "list.json", path)


def test_19_order_does_not_matter(read: Any, golden: Path, tmp_path: Path) -> None:
    """Of files; that of the database's content is the database's test."""
    records = [r for row in GOLDEN_LISTS for r in read(row.file, **row.options).records]
    for family in FAMILIES:
        for format in family.writers:
            if format in ("jsonl", "tmk", "vpdq-text", "vpdq-json"):
                continue  # a list in its own order; one video a file
            written = []
            for seed in (1, 2):
                random.Random(seed).shuffle(records)
                path = tmp_path / f"{format}-{seed}"
                write_list(sorted_records(records), path, format=format)
                written.append(path.read_bytes())
            assert written[0] == written[1], format


SECRET = ("Jane Doe", "jane@example.org", "U0VDUkVUUElDVFVSRQ", "Examiner Smith", "SECRETPAYLOAD")


def test_20_no_picture_no_contact_in_any_export(read: Any, tmp_path: Path) -> None:
    media = {"MD5": MD5, "SHA1": SHA1, "Category": 1, "MediaSize": 9,
             "Miniature": SECRET[2], "miniature": SECRET[2], "ContactName": SECRET[0],
             "AlternativeHashes": [{"HashName": "PDQ", "HashValue": PDQ}]}  # fmt: skip
    case = {"CaseNumber": "1", "ContactName": SECRET[0], "ContactEmail": SECRET[1],
            "Examiner": SECRET[3], "Media": [media]}  # fmt: skip
    uco = {
        "@context": {"o": "https://ontology.unifiedcyberontology.org/uco/observable/",
                     "c": "https://ontology.unifiedcyberontology.org/uco/core/",
                     "t": "https://ontology.unifiedcyberontology.org/uco/types/"},
        "@graph": [{"@id": "f", "@type": "o:File", "c:hasFacet": [
            {"@type": "o:ContentDataFacet", "o:dataPayload": SECRET[4],
             "o:hash": [{"@type": "t:Hash", "t:hashMethod": "MD5", "t:hashValue": MD5}]}]}],
    }  # fmt: skip
    for number, list_ in enumerate((vics(media), vics(case), uco)):
        source = tmp_path / f"list-{number}"
        source.write_text(json.dumps(list_))
        for format in [name for family in FAMILIES for name in family.writers]:
            target = tmp_path / f"{number}-{format}"
            try:
                convert_list(source, target, to=format)
            except ExchangeError:
                continue  # one video a file
            data = target.read_bytes().lower()
            for secret in SECRET:
                assert secret.lower().encode() not in data, format
            if format in ("icse-csv", "threatexchange-simple"):
                delimiter = ";" if format == "icse-csv" else ","
                for row in csv.reader(data.decode().splitlines(), delimiter=delimiter):
                    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
