"""The written hash set: the strict profile, its order, and a file that is whole or absent."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import open_writer, sort_key, write_list
from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Opinion

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
SHA256 = "ad5bceaf0ee36d32ac6d20504c7dfff100124a05dc52fc26f35c5e5d1072c484"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
OURS = "vics-us-current"
CSAM = Opinion(scheme=OURS, raw_category="1", label=Label.CSAM)
PLAIN = HashRecord(f"md5:{MD5}", 1, Digests(md5=MD5), CSAM)
RICH = HashRecord(
    record_key="IMG-1",
    position=7,
    digests=Digests(MD5, SHA1, SHA256),
    opinion=Opinion(
        scheme="icse-baseline",
        raw_category="Yes",
        label=Label.CSAM,
        baseline=True,
        victim_identified=False,
        offender_identified=True,
        distributed=True,
        series=("A", "B"),
        tags=("t",),
        submissions=3,
        file_available=True,
        updated_raw="2023-06-07T02:31:49.8300Z",
    ),
    kind=MediaKind.IMAGE,
    size=19,
    hashes=(
        HashValue.from_hex("pdq", PDQ, 88),
        HashValue("photodna", bytes(range(0x90))),
        HashValue("photodna", bytes(range(1, 0x91))),
    ),
    extra={"Agency": "Example", "Lace": "", "Zero": "007", "Vendor": '{"a": [1,\n2.50]}'},
)


def lines(path: Path) -> list[dict[str, Any]]:
    value = json.loads(path.read_bytes())["value"]
    assert isinstance(value, list)
    return value


def one(record: HashRecord, path: Path, **options: Any) -> dict[str, Any]:
    write_list([record], path, overwrite=True, **options)
    (found,) = lines(path)
    return found


def test_strict_profile(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    ledger = write_list([PLAIN, RICH], path)
    assert (ledger.seen, ledger.done) == (2, 2)
    data = path.read_bytes()
    text = data.decode()
    root: list[tuple[str, Any]] = json.loads(text, object_pairs_hook=list)
    assert [key for key, _ in root] == ["@odata.context", "value"]
    assert root[0][1] == (
        "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
    )
    assert not data.startswith(b"\xef\xbb\xbf")
    assert "null" not in text
    physical = text.splitlines()
    assert len(physical) == 4
    plain, rich = (json.loads(line.rstrip(",")) for line in physical[1:3])
    assert plain == {"MediaID": 1, "Category": 1, "MD5": MD5.upper()}
    assert list(rich)[:4] == ["MediaID", "Category", "MD5", "SHA1"]
    assert type(rich["Category"]) is type(rich["MediaID"]) is type(rich["MediaSize"]) is int
    assert (rich["MediaID"], rich["Category"], rich["MediaSize"]) == (2, 1, 19)
    assert (rich["MD5"], rich["SHA1"]) == (MD5.upper(), SHA1.upper())
    assert len(rich["PhotoDNA"]) == 192
    assert rich["IsDistributed"] is rich["OffenderIdentified"] is True
    assert rich["VictimIdentified"] is False
    assert "IsSuspected" not in rich
    assert (rich["Series"], rich["Tags"]) == ("A,B", "t,interpol-baseline:yes")
    assert rich["MimeType"] == "image"
    assert not any(isinstance(member, dict) for member in rich.values())
    hashes = rich["AlternativeHashes"]
    assert [list(h) for h in hashes] == [
        ["HashName", "HashValue"],
        ["HashName", "HashValue", "Quality"],
        ["HashName", "HashValue"],
    ]
    assert hashes[0] == {"HashName": "SHA256", "HashValue": SHA256.upper()}
    assert hashes[1] == {"HashName": "PDQ", "HashValue": PDQ, "Quality": 88}
    assert hashes[2]["HashName"] == "PhotoDNA"
    assert rich["Agency"] == "Example"
    assert rich["Zero"] == "007"
    assert rich["Vendor"] == [{"a": [1, 2.50]}]


def test_golden_bytes(golden: Path, read: Any, tmp_path: Path) -> None:
    others = [
        replace(PLAIN, digests=Digests(sha1=SHA1), record_key=f"sha1:{SHA1}"),
        replace(RICH, digests=Digests(md5=MD5[::-1]), extra={}),
        replace(PLAIN, digests=Digests(md5="f" + MD5[1:]), opinion=replace(CSAM, baseline=False)),
    ]
    records = sorted([*read(golden / "vics_2_0_full.json").records, *others], key=sort_key)
    path = tmp_path / "out.json"
    write_list(records, path)
    assert path.read_bytes() == (golden / "vics_2_0_written.json").read_bytes()


def test_region_decides_the_context(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "out.json"
    write_list([PLAIN], path, region="US")
    assert "2.0.xml/US/$metadata#Media" in read(path).info.context
    for region in ("", "a/b", 'x"', "a b", 5):
        with pytest.raises(InputError, match="region: expected"):
            open_writer(tmp_path / "other", region=region)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("scheme", "raw", "label", "category"),
    [
        (OURS, "1", Label.CSAM, 1),
        (OURS, " 01.0", Label.CSAM, 1),
        (OURS, "77", Label.UNCATEGORIZED, 77),
        (OURS, None, Label.UNCATEGORIZED, 5),
        (OURS, "A", Label.UNCATEGORIZED, 5),
        ("icse-baseline", "Yes", Label.CSAM, 1),
        ("icse-baseline", "No", Label.UNCATEGORIZED, 5),
        ("vics-us-legacy", "0", Label.UNCATEGORIZED, 5),
        ("vics-us-legacy", "5", Label.NON_PERTINENT, 0),
        ("x", None, Label.EXPLOITIVE, 2),
        ("x", None, Label.CGI, 3),
        ("x", None, Label.COMPARISON, 4),
        ("nist-caid-known", "8", Label.KNOWN_IGNORABLE, 0),
    ],
)
def test_category(
    tmp_path: Path, scheme: str, raw: str | None, label: Label, category: int
) -> None:
    opinion = Opinion(scheme=scheme, raw_category=raw, label=label)
    written = one(replace(PLAIN, opinion=opinion), tmp_path / "out.json")
    assert written["Category"] == category


def test_what_vics_can_not_carry_is_rejected_with_a_reason(tmp_path: Path) -> None:
    pdq = (HashValue.from_hex("pdq", PDQ),)
    records = sorted(
        [
            PLAIN,
            replace(PLAIN, digests=Digests(sha256=SHA256)),
            replace(PLAIN, digests=Digests(), hashes=pdq),
        ],
        key=sort_key,
    )
    ledger = write_list(records, tmp_path / "out.json")
    assert (ledger.seen, ledger.done, ledger.rejected) == (3, 1, 2)
    assert ledger.reasons == {("rejected", "no MD5 or SHA-1"): 2}
    unmapped = write_list([PLAIN], tmp_path / "uk.json", region="UK")
    assert unmapped.reasons == {("rejected", "no code for csam in vics-2.0-unknown-region"): 1}
    own = replace(CSAM, scheme="vics-2.0-unknown-region", raw_category="3")
    assert one(replace(PLAIN, opinion=own), tmp_path / "own", region="UK")["Category"] == 3


def test_a_comma_inside_an_item(tmp_path: Path, read: Any) -> None:
    opinion = replace(CSAM, series=("a,b", "c"), tags=("x|y",), baseline=False)
    path = tmp_path / "out.json"
    assert one(replace(PLAIN, opinion=opinion), path)["Series"] == ["a,b", "c"]
    assert read(path).records[0].opinion == opinion


def test_private_and_own_members_of_extra_are_not_written(tmp_path: Path) -> None:
    extra = {
        "Miniature": '"aW1n"',
        "contactname": '"X"',
        "MediaFiles": "[]",
        "md5": '"0"',
        "MediaID": "9",
        "Nothing": "null",
        "AlternativeHashes": "[ ]",
        "Fine": "[null,1]",
        "NaN": "NaN",
    }
    written = one(replace(PLAIN, extra=extra), tmp_path / "out.json")
    assert written == {
        "MediaID": 1,
        "Category": 1,
        "MD5": MD5.upper(),
        "Fine": [None, 1],
        "NaN": "NaN",
    }
    without = one(replace(PLAIN, extra=extra), tmp_path / "out.json", extra=False)
    assert without == {"MediaID": 1, "Category": 1, "MD5": MD5.upper()}


def test_text_that_json_or_utf8_finds_hard(tmp_path: Path, read: Any) -> None:
    tags = ("a\\b", 'q"', "line\nbreak", "caf\u00e9 \U0001f600", "a\u2028b", "\x01", "sur\udc80")
    path = tmp_path / "out.json"
    write_list([replace(PLAIN, opinion=replace(CSAM, tags=tags))], path)
    assert path.read_bytes().count(b"\n") == 3
    (record,) = read(path).records
    assert record.opinion.tags == (*tags[:-1], "sur?")


def test_order_is_required(tmp_path: Path) -> None:
    first = replace(PLAIN, digests=Digests(md5="1" + MD5[1:]))
    path = tmp_path / "out.json"
    with pytest.raises(InputError, match="order of sort_key"):
        write_list([PLAIN, first], path)
    assert list(tmp_path.iterdir()) == []
    assert write_list([first, PLAIN], path).done == 2


def test_records_of_one_key_come_in_the_same_order_always(tmp_path: Path) -> None:
    twins = [replace(PLAIN, size=size) for size in (3, 1, 2)]
    paths = [tmp_path / "a", tmp_path / "b"]
    write_list(twins, paths[0])
    write_list(twins[::-1], paths[1])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert [m["MediaID"] for m in lines(paths[0])] == [1, 2, 3]
    assert [m["MediaSize"] for m in lines(paths[0])] == [1, 2, 3]


def test_sort_key() -> None:
    assert sort_key(RICH) == (MD5, SHA1, SHA256, "IMG-1")
    assert sort_key(replace(PLAIN, digests=Digests(sha1=SHA1))) == ("", SHA1, "", f"md5:{MD5}")


def test_empty_list(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "out.json"
    assert write_list([], path).seen == 0
    assert read(path).items == []


def broken() -> Iterator[HashRecord]:
    yield PLAIN
    raise ZeroDivisionError


def test_file_is_private_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_list([PLAIN], path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(ExchangeError, match="the file exists"):
        write_list([], path)
    with pytest.raises(ZeroDivisionError):
        write_list(broken(), path, overwrite=True)
    assert path.read_bytes() == before
    write_list([], path, overwrite=True)
    assert path.read_bytes() != before
    assert list(tmp_path.iterdir()) == [path]


def test_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    writer = open_writer(path)
    writer.write(PLAIN)
    path.write_text("theirs")
    with pytest.raises(ExchangeError, match="the file exists"):
        writer.__exit__(None, None, None)
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_links_not_supported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: Any, target: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("hashmatch.exchange.atomic.os.link", no_links)
    path = tmp_path / "out.json"
    write_list([PLAIN], path)
    assert len(lines(path)) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("make", [lambda p: p / "missing" / "x", lambda p: p])
def test_where_no_file_can_be(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(ExchangeError, match="can't write"):
        write_list([PLAIN], make(tmp_path))
    with pytest.raises(ExchangeError, match="can't write"):
        write_list([PLAIN], make(tmp_path), overwrite=True)
    assert list(tmp_path.iterdir()) == []


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hashmatch.exchange.atomic.os.fsync", full)
    with pytest.raises(ExchangeError, match="No space left"):
        write_list([PLAIN], tmp_path / "out.json")
    assert list(tmp_path.iterdir()) == []
