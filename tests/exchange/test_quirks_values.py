"""Real-file quirks of values: each row, through every kind of list that can carry it."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hashmatch.exchange import inspect_list
from hashmatch.types import HashRecord, Label

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
SHA1_2 = "b57684e36e7e71b24e4afda623ffadfc9b51926c"
SHA256 = "ad5bceaf0ee36d32ac6d20504c7dfff100124a05dc52fc26f35c5e5d1072c484"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
PHOTODNA = bytes(range(144))
EMPTY = {
    "md5": "d41d8cd98f00b204e9800998ecf8427e",
    "sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}
CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
OLD_CONTEXT = "http://github.com/ICMEC/ProjectVic/DataModels/1.2.xml#Media"
ICSE = (
    "MD5;SHA1;ZZ40;PhotoDNA;Lace;Image ID;Is distributed;Victim identified;Offender identified;"
    "Series name;Investigation name;Agency;Number of submissions;File Available;Media Type;Baseline"
)
NSRL = '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\n'
HASHKEEPER = (
    "file_id,hashset_id,file_name,directory,hash,file_size,date_modified,time_modified,time_zone,"
    "comments,date_accessed,time_accessed\n"
)
NCMEC = 'xmlns="https://hashsharing.ncmec.org/hashsharing/v2"'


def vics(**media: Any) -> str:
    return json.dumps({"@odata.context": CONTEXT, "value": [media]})


def icse(**cells: str) -> str:
    names = ICSE.split(";")
    return f"{ICSE}\n{';'.join(cells.get(name.replace(' ', '_'), '') for name in names)}\n"


def uco(*hashes: tuple[str, str], size: int | None = None) -> str:
    content: dict[str, Any] = {
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": [
            {"@type": "uco-types:Hash", "uco-types:hashMethod": n, "uco-types:hashValue": v}
            for n, v in hashes
        ],
    }
    if size is not None:
        content["uco-observable:sizeInBytes"] = size
    base = "https://ontology.unifiedcyberontology.org/uco"
    context = {f"uco-{name}": f"{base}/{name}/" for name in ("core", "observable", "types")}
    node = {"@id": "f", "@type": "uco-observable:File", "uco-core:hasFacet": [content]}
    return json.dumps({"@context": context, "@graph": [node]})


def b32(text: str) -> str:
    return base64.b32encode(bytes.fromhex(text)).decode()


def b64(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


Make = Callable[[dict[str, str]], str]
MAKERS: dict[str, tuple[Make, dict[str, Any]]] = {
    "vics": (lambda h: vics(MD5=h["md5"], SHA1=h["sha1"], SHA256=h["sha256"]), {}),
    "vics alternative": (
        lambda h: vics(
            AlternativeHashes=[{"HashValue": v, "HashName": n.upper()} for n, v in h.items()]
        ),
        {},
    ),
    "vics known": (
        lambda h: vics(MD5=h["md5"], SHA1=h["sha1"], Category=8).replace(CONTEXT, OLD_CONTEXT),
        {},
    ),
    "icse": (lambda h: icse(MD5=h["md5"], SHA1=h["sha1"]), {"format": "icse"}),
    "nsrl": (lambda h: f'{NSRL}"{h["sha1"]}","{h["md5"]}","1","x",9,1,"W",""\n', {}),
    "hashkeeper": (lambda h: f"{HASHKEEPER}1,2,a,b,{h['md5']},9,,,,,,\n", {}),
    "md5 list": (lambda h: h["md5"] + "\n", {"format": "md5-list"}),
    "sha256 list": (lambda h: h["sha256"] + "\n", {"hash_type": "sha256"}),
    "base32 list": (
        lambda h: b32(h["sha1"]) + "\n",
        {"format": "plain", "hash_type": "sha1"},  # 32 times A could be an MD5 in hex
    ),
    "base64 list": (lambda h: b64(h["sha1"]) + "\n", {"format": "plain"}),
    "md5sum": (lambda h: h["md5"] + "  a.jpg\n", {}),
    "bsd": (lambda h: f"SHA256 (a.jpg) = {h['sha256']}\n", {}),
    "xways": (lambda h: f"SHA-1\n{h['sha1']}\n", {}),
    "table": (lambda h: "MD5,SHA1,SHA256\n{md5},{sha1},{sha256}\n".format(**h), {}),
    "index": (lambda h: f"{'0' * 40}|md5sum\n{h['md5']}|0000000000000001\n", {}),
    "c4p": (lambda h: f"<ReportIndex><Image><hash>{h['md5']}</hash></Image></ReportIndex>", {}),
    "ncmec": (
        lambda h: (
            f'<queryResult {NCMEC}><images><image><member id="1"/><id>1</id><fingerprints>'
            f"<md5>{h['md5']}</md5><sha1>{h['sha1']}</sha1></fingerprints></image></images>"
            "</queryResult>"
        ),
        {},
    ),
    "arachnid": (
        lambda h: json.dumps(
            {
                "size_bytes": 9,
                "sha1_base32": b32(h["sha1"]),
                "sha256_hex": h["sha256"].upper(),
                "classification": "csam",
                "match_type": "exact",
            }
        ),
        {},
    ),
    "case-uco": (lambda h: uco(("MD5", h["md5"]), ("SHA256", h["sha256"])), {}),
}
WORTHLESS = {
    "all zero": {name: "0" * len(value) for name, value in EMPTY.items()},
    "all F": {name: "F" * len(value) for name, value in EMPTY.items()},
    "of empty input": EMPTY,
    "of empty input, upper case": {name: value.upper() for name, value in EMPTY.items()},
}


@pytest.mark.parametrize("kind", WORTHLESS)
@pytest.mark.parametrize("maker", MAKERS)
def test_worthless_digests_are_refused_in_every_list(read: Any, maker: str, kind: str) -> None:
    make, options = MAKERS[maker]
    good = read(make({"md5": MD5, "sha1": SHA1, "sha256": SHA256}), **options)
    assert len(good.records) == 1
    found = read(make(WORTHLESS[kind]), **options)
    assert not found.records
    (reject,) = found.rejects
    assert reject.whole_record
    assert "no usable hash" in reject.reason or kind.partition(",")[0] in reject.reason


def test_worthless_digests_of_databases_are_refused(read: Any, tmp_path: Path) -> None:
    path = tmp_path / "set"
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE db_properties(name, value);"
            "INSERT INTO db_properties VALUES('Schema Version', '1');"
            "CREATE TABLE hashes(id INTEGER PRIMARY KEY, md5, sha1, sha2_256);"
        )
        rows: list[tuple[Any, ...]] = [(bytes(16), None, None), (b"\xff" * 16, bytes(20), None)]
        rows += [tuple(bytes.fromhex(value) for value in EMPTY.values())]
        rows += [(b"", b"", b""), (None, None, None), (bytes(15), 5, 0.5)]
        database.executemany("INSERT INTO hashes(md5, sha1, sha2_256) VALUES(?, ?, ?)", rows)
    database.close()
    found = read(path)
    assert (len(found.records), len(found.rejects)) == (0, len(rows))
    with sqlite3.connect(tmp_path / "rds") as database:
        database.execute("CREATE TABLE FILE(sha256, sha1, md5, file_name, file_size, package_id)")
        database.execute("CREATE TABLE PKG(package_id, name)")
        texts = [tuple(kind.values()) for kind in WORTHLESS.values()]
        database.executemany(
            "INSERT INTO FILE VALUES(?, ?, ?, 'x', 9, 1)", [t[::-1] for t in texts]
        )
    database.close()
    found = read(tmp_path / "rds")
    assert (len(found.records), len(found.rejects)) == (0, len(texts))


SIZES: dict[str, Callable[[int], str]] = {
    "vics": lambda size: vics(MD5=MD5, MediaSize=size),
    "nsrl": lambda size: f'{NSRL}"{SHA1}","{MD5}","1","x",{size},1,"W",""\n',
    "hashkeeper": lambda size: f"{HASHKEEPER}1,2,a,b,{MD5},{size},,,,,,\n",
    "c4p": lambda size: (
        f"<ReportIndex><Image><hash>{MD5}</hash><fileSize>{size}</fileSize></Image></ReportIndex>"
    ),
    "arachnid": lambda size: json.dumps(
        {
            "size_bytes": size,
            "sha1_base32": b32(SHA1),
            "sha256_hex": SHA256,
            "classification": "csam",
            "match_type": None,
        }
    ),
    "case-uco": lambda size: uco(("MD5", MD5), size=size),
}


@pytest.mark.parametrize("maker", SIZES)
def test_media_of_size_zero_are_refused(read: Any, maker: str) -> None:
    (record,) = read(SIZES[maker](2**31 + 5)).records
    assert record.size == 2**31 + 5
    found = read(SIZES[maker](0))
    assert [(r.reason, r.whole_record) for r in found.rejects] == [("zero-size media", True)]
    assert not found.records
    negative = read(SIZES[maker](-1)).records[0]
    assert negative.size is None
    assert [r.reason for r in negative.rejects] == ["number range"]


def test_a_hash_in_base64_that_looks_like_a_comment(read: Any) -> None:
    """One of 4,096 begins with the two slashes of a comment; it was left out without a word."""
    digest = "fff" + SHA1[3:]
    assert b64(digest).startswith("//")
    found = read(f"{b64(SHA1)}\n// a comment\n{b64(digest)}\n//\n")
    assert [r.digests.sha1 for r in found.records] == [SHA1, digest]
    assert found.warnings["comment line"] == 2
    assert not found.rejects
    pdq = b64("fff" + PDQ[3:])
    assert len(read(f"{pdq},90,a\n{pdq}\n// x\n", format="pdq").records) == 2
    assert len(read(f"{pdq}\n", hash_type="pdq").records) == 1


SPELLINGS = [
    SHA1.upper(),
    f"  {SHA1}\t",
    f"0x{SHA1}",
    f"0X{SHA1.upper()}",
    "-".join(SHA1[n : n + 2] for n in range(0, 40, 2)),
    ":".join(SHA1[n : n + 2] for n in range(0, 40, 2)),
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_spellings_of_hex(read: Any, text: str) -> None:
    for found in (
        read(vics(SHA1=text)),
        read(icse(SHA1=text)),
        read(f"{text}\n", format="plain"),
        read(f"SHA1,Note\n{text},x\n", format="table"),
    ):
        assert [r.digests.sha1 for r in found.records] == [SHA1]


@pytest.mark.parametrize("length", [1, 31, 33, 39, 41, 64])
def test_a_hash_of_another_length_leaves_the_others(read: Any, length: int) -> None:
    wrong = (MD5 * 3)[:length]
    for found in (read(vics(MD5=wrong, SHA1=SHA1)), read(icse(MD5=wrong, SHA1=SHA1))):
        (record,) = found.records
        assert (record.digests.md5, record.digests.sha1) == (None, SHA1)
        (reject,) = record.rejects
        assert reject.field == "MD5"
        assert reject.reason in ("md5 length", "md5 too short, opened in a spreadsheet?")


PHOTODNA_TEXTS = [
    PHOTODNA.hex(),
    PHOTODNA.hex().upper(),
    base64.b64encode(PHOTODNA).decode(),
    ",".join(map(str, PHOTODNA)),
    ", ".join(map(str, PHOTODNA)),
    f" {PHOTODNA.hex()} ",
]


@pytest.mark.parametrize("text", PHOTODNA_TEXTS)
def test_photodna_in_every_encoding_is_the_same_144_bytes(read: Any, text: str) -> None:
    for found in (
        read(vics(MD5=MD5, PhotoDNA=text)),
        read(vics(MD5=MD5, AlternativeHashes=[{"HashValue": text, "HashName": "photodna"}])),
        read(vics(MD5=MD5, AlternativeHashes={"HashValue": text, "HashName": "Photo DNA"})),
        read(icse(MD5=MD5, PhotoDNA=text)),
        read(f"MD5;PhotoDNA\n{MD5};{text}\n"),
        read(f"{text}\n", format="plain"),
    ):
        (record,) = found.records
        assert [(h.algorithm, h.value) for h in record.hashes] == [("photodna", PHOTODNA)]


@pytest.mark.parametrize("text", ["", None, "A" * 191, "A" * 193, "A" * 384, "0" * 287, "z" * 288])
def test_photodna_that_is_none(read: Any, text: str | None) -> None:
    (record,) = read(vics(MD5=MD5, PhotoDNA=text)).records
    assert not record.hashes
    assert [r.field for r in record.rejects] == ["PhotoDNA"] * bool(text)


def test_a_lower_cased_photodna_is_another_value(read: Any) -> None:
    """Case is part of base64 and can't be mended; the value is taken as it is."""
    lowered = base64.b64encode(PHOTODNA).decode().lower()
    (record,) = read(vics(MD5=MD5, PhotoDNA=lowered)).records
    assert record.hashes[0].value == base64.b64decode(lowered) != PHOTODNA


def test_several_photodna_of_one_medium(read: Any) -> None:
    other = base64.b64encode(PHOTODNA[::-1]).decode()
    (record,) = read(
        vics(
            MD5=MD5,
            PhotoDNA=base64.b64encode(PHOTODNA).decode(),
            AlternativeHashes=[{"HashName": "PhotoDNA", "HashValue": other}] * 2,
        )
    ).records
    assert sorted(h.value for h in record.hashes) == sorted((PHOTODNA, PHOTODNA[::-1]))


def test_low_information_is_kept_and_told(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(f"{PDQ},100,a\n{PDQ[::-1]},0,b\n{'0' * 60}ffff,100,c\n")
    survey = inspect_list(path, format="pdq").survey
    assert survey["records"] == 3
    assert json.dumps(survey).count("low") >= 1


def test_md5_only_and_md5_with_two_sha1(read: Any) -> None:
    found = read(f"MD5,SHA1\n{MD5},\n{MD5},{SHA1}\n{MD5},{SHA1_2}\n")
    assert [dict(r.digests.items()) for r in found.records] == [
        {"md5": MD5},
        {"md5": MD5, "sha1": SHA1},
        {"md5": MD5, "sha1": SHA1_2},
    ]


@pytest.mark.parametrize(
    ("category", "raw", "label"),
    [
        ("1", "1", Label.CSAM),
        ('"1"', "1", Label.CSAM),
        ("1.0", "1.0", Label.CSAM),
        ("1e0", "1", Label.CSAM),
        ("10e-1", "1.0", Label.CSAM),
        ("null", None, Label.UNCATEGORIZED),
        ('""', None, Label.UNCATEGORIZED),
        ("1e400", "1E+400", Label.UNCATEGORIZED),
        ("1e999999999", "1E+999999999", Label.UNCATEGORIZED),
        ("-1", "-1", Label.UNCATEGORIZED),
        ("99999999999999999999", "99999999999999999999", Label.UNCATEGORIZED),
    ],
)
def test_category(read: Any, category: str, raw: str | None, label: Label) -> None:
    text = vics(MD5=MD5, Category=12345).replace("12345", category)
    opinion = read(text).records[0].opinion
    assert (opinion.raw_category, opinion.label) == (raw, label)
    assert not read(text).records[0].rejects


@pytest.mark.parametrize("category", [True, False, [1], {"x": 1}])
def test_a_category_of_another_type_is_a_refused_field(read: Any, category: Any) -> None:
    (record,) = read(vics(MD5=MD5, Category=category)).records
    assert (record.opinion.raw_category, record.opinion.label) == (None, Label.UNCATEGORIZED)
    assert [r.field for r in record.rejects] == ["Category"]


TRI_STATE = {
    True: (True, "true", "True", " TRUE ", "Y", "yes", "t", 1, "1"),
    False: (False, "false", "False", "FALSE", "N", "no", "f", 0, "0"),
    None: (None, "", " ", "null"),
}


@pytest.mark.parametrize(
    ("value", "expected"), [(value, key) for key, values in TRI_STATE.items() for value in values]
)
def test_flags(read: Any, value: Any, expected: bool | None) -> None:
    """``bool("false")`` is True in Python; here it never is."""
    (record,) = read(vics(MD5=MD5, VictimIdentified=value, IsDistributed=value)).records
    assert record.opinion.victim_identified is record.opinion.distributed is expected
    assert not record.rejects
    if isinstance(value, str):
        (row,) = read(icse(MD5=MD5, Victim_identified=value, Baseline=value)).records
        assert row.opinion.victim_identified is row.opinion.baseline is expected


def test_precategorized_without_a_category_is_no_category(read: Any) -> None:
    (record,) = read(vics(MD5=MD5, IsPrecategorized=True, Category=None)).records
    assert record.opinion.precategorized is True
    assert (record.opinion.raw_category, record.opinion.label) == (None, Label.UNCATEGORIZED)


@pytest.mark.parametrize("number", [0, 7, "7", "x", None, [1]])
def test_media_id_is_never_a_key(read: Any, number: Any) -> None:
    """Duplicates, zero, text: the hashes are the key, and the next edition numbers anew."""
    first, second = json.loads(vics(MD5=MD5, MediaID=number)), vics(SHA1=SHA1, MediaID=number)
    first["value"] += json.loads(second)["value"]
    assert [r.record_key for r in read(first).records] == [f"md5:{MD5}", f"sha1:{SHA1}"]


def test_bars_and_commas_in_series_and_tags_are_kept(read: Any, tmp_path: Path) -> None:
    from hashmatch.exchange import write_list

    value = ["a|b", "c,d", "#e"]
    (record,) = read(vics(MD5=MD5, Tags=value, Series={"Name": "S|1"}, Category=1)).records
    assert (record.opinion.tags, record.opinion.series) == (tuple(value), ("S|1",))
    for format in ("vics-2.0", "jsonl"):
        write_list([record], tmp_path / format, format=format)
        (again,) = read(tmp_path / format).records
        assert isinstance(again, HashRecord)
        assert again.opinion.tags == tuple(value)
        assert again.opinion.series == ("S|1",)
