"""Real-file quirks of bytes, encodings and paths: what each must do, on every kind of list."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from golden_lists import GOLDEN_LISTS, GoldenList

from hashmatch.errors import ExchangeError
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.exchange.decoding import (
    LONE_RETURNS,
    MARK_OF_UTF16_BEFORE_UTF8,
    XML_DECLARES_UTF16,
)
from hashmatch.types import Deletion, HashRecord, Label, Reject

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
MD5_2 = "dc83d5a2f987ac823853e6f8ed4674f3"
SHA1_2 = "b57684e36e7e71b24e4afda623ffadfc9b51926c"
SHA256 = "ad5bceaf0ee36d32ac6d20504c7dfff100124a05dc52fc26f35c5e5d1072c484"
PDQ = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"

_BINARY = (".db", ".kdb", ".hash", ".tmk", ".zip")
TEXTS = [pytest.param(row, id=row.path) for row in GOLDEN_LISTS if not row.path.endswith(_BINARY)]
LINES = [
    param
    for param in TEXTS
    if param.values[0].file.suffix not in (".json", ".jsonl", ".jsonld", ".xml")  # type: ignore[union-attr]
]


def body(row: GoldenList) -> bytes:
    return row.file.read_bytes().removeprefix(b"\xef\xbb\xbf")


def wide(data: bytes, codec: str) -> bytes:
    return data.decode("utf-8", "surrogateescape").encode(codec, "surrogatepass")


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list", data)
    return file.getvalue()


def at_lf(data: bytes, end: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", end)


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, None, id="byte order mark of UTF-8"),
        pytest.param(lambda data: b"\xff\xfe" + wide(data, "utf-16-le"), None, id="UTF-16LE"),
        pytest.param(lambda data: b"\xfe\xff" + wide(data, "utf-16-be"), None, id="UTF-16BE"),
        pytest.param(lambda data: wide(data, "utf-16-le"), None, id="UTF-16LE without a mark"),
        pytest.param(gzip.compress, None, id="gzip around the file"),
        pytest.param(zipped, None, id="zip around the file"),
        pytest.param(lambda data: at_lf(data, b"\r\n"), None, id="CRLF"),
        pytest.param(lambda data: data.rstrip(), None, id="no line end at the end"),
        pytest.param(
            lambda data: b"\xff\xfe" + data,
            MARK_OF_UTF16_BEFORE_UTF8,
            id="FF FE in front of UTF-8",
        ),
    ],
)
@pytest.mark.parametrize("row", TEXTS)
def test_one_list_in_any_wrapping_is_the_same_list(
    read: Any, row: GoldenList, change: Callable[[bytes], bytes], warning: str | None
) -> None:
    data = body(row)
    if row.format == "tsk-index" and change(b"").startswith(b"\xef"):
        pytest.skip("a tool's own file, which nothing puts a mark in front of")
    legacy = row.format == "c4p-index" or b"\xe9" in data
    if legacy and (warning or change(b"").startswith((b"\xef", b"\xff", b"\xfe"))):
        pytest.skip("Windows-1252 behind a mark of Unicode contradicts itself")
    found, expected = read(change(data), **row.options), read(row.file, **row.options)
    assert [strip(item) for item in found.items] == [strip(item) for item in expected.items]
    assert found.info.format == expected.info.format
    assert warning is None or found.warnings[warning] == 1


def strip(item: Any) -> Any:
    """Without the bytes that a change of line ends may change."""
    if isinstance(item, Reject):
        return item.position, item.field, item.reason, item.whole_record
    if isinstance(item, Deletion):
        return item
    return item.record_key, item.digests, item.hashes, item.opinion, dict(item.extra), item.size


@pytest.mark.parametrize("row", LINES)
def test_lines_that_end_in_a_carriage_return_alone(read: Any, row: GoldenList) -> None:
    """A reader that took the file for one line found a header without rows, and no error."""
    found = read(at_lf(body(row), b"\r"), **row.options)
    expected = read(row.file, **row.options)
    assert [strip(item) for item in found.items] == [strip(item) for item in expected.items]
    assert found.warnings[LONE_RETURNS] == 1


def test_a_carriage_return_in_json_is_no_line_end(read: Any) -> None:
    found = read(b'{"value":[{"MD5":"%s","Comments":"a\rb"}]}' % MD5.encode())
    assert found.records[0].extra["Comments"] == '"a\\rb"'
    assert LONE_RETURNS not in found.warnings


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\n", b" \r\n "])
@pytest.mark.parametrize("encoding", ["utf-16", "UTF-16LE", "ucs-2", "utf-8"])
def test_xml_declares_utf_16_on_8_bit_bytes(read: Any, mark: bytes, encoding: str) -> None:
    """Decoded as what it is; also behind a mark or white space, which XML does not allow."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><ReportIndex>'
        f"<Image><hash>{MD5.upper()}</hash><category>1</category></Image></ReportIndex>"
    )
    found = read(mark + text.encode())
    assert [record.digests.md5 for record in found.records] == [MD5]
    wrong = found.warnings[XML_DECLARES_UTF16] + found.warnings[MARK_OF_UTF16_BEFORE_UTF8]
    assert wrong == (encoding != "utf-8" or mark in (b"\xff\xfe", b"\xfe\xff"))


def test_xml_that_declares_utf_16_in_windows_1252(read: Any) -> None:
    text = (
        '<?xml version="1.0" encoding="utf-16"?><ReportIndex><Image><notes>f\xfcr</notes>'
        f"<hash>{MD5}</hash></Image></ReportIndex>"
    )
    for mark in (b"", b"\xef\xbb\xbf"):
        (record,) = read(mark + text.encode("windows-1252")).records
        assert record.extra["notes"] == "f\xfcr"


def test_old_tables_are_in_iso_8859_1(read: Any) -> None:
    for text in (
        f"MD5;Note\n{MD5};f\xfcr\n",
        f'"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\n'
        f'"{SHA1}","{MD5}","1","f\xfcr",19,1,"W","f\xfcr"\n',
    ):
        (record,) = read(text.encode("iso-8859-1")).records
        assert record.digests.md5 == MD5
        assert "f\xfcr" in record.extra.values()


def test_a_hash_never_fails_because_of_a_name(read: Any) -> None:
    """Invalid UTF-8 and lone surrogates are kept as they are."""
    text = b'{"value":[{"MD5":"%s","A":"\\ud83d","B":"f\xfc\xffr","C":"\\udcff"}]}' % MD5.encode()
    (record,) = read(text).records
    assert record.digests.md5 == MD5
    assert record.extra["A"] == '"\ud83d"'
    assert record.extra["B"].encode("utf-8", "surrogateescape") == b'"f\xfc\xffr"'


@pytest.mark.parametrize(
    "text",
    [
        b'{"value":[{"MD5":"%s\\u0000","X":"a\\u0000b"}]}' % MD5.encode(),
        b'{"value":[{"MD5":"%s","X":"a\0b"}]}' % MD5.encode(),
        b"MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;"
        b"Series name;Number of submissions;File Available;Media Type;Baseline\n"
        b"%s\0;;;;;;;a\0b;;;;\n" % MD5.encode(),
    ],
)
def test_nul_characters_are_left_out(read: Any, text: bytes) -> None:
    found = read(text)
    assert found.records[0].digests.md5 == MD5
    assert found.warnings["NUL characters left out"] >= 1


def test_a_zip_with_two_lists_is_no_list(read: Any) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", f"{MD5}\n")
        archive.writestr("b", f"{MD5_2}\n")
    with pytest.raises(ExchangeError):
        read(file.getvalue())


KNOWN = (
    '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\r\n'
    f'"{SHA1}","{MD5}","0A1B2C3D","icon.png",19,1,"WIN",""\r\n'
)


@pytest.mark.parametrize("before", ["\n", "\r\n\r\n", "  ", "\ufeff\n"])
def test_what_stands_before_the_header_does_not_change_the_format(read: Any, before: str) -> None:
    """Read as any table, known software would alert, and a quoted first column be lost."""
    found = read(before + KNOWN)
    assert found.info.format == "nsrl-rds2"
    assert [r.opinion.label for r in found.records] == [Label.KNOWN_IGNORABLE]
    assert dict(found.records[0].digests.items()) == {"md5": MD5, "sha1": SHA1}


CUT = [
    pytest.param(f"{SHA1}\n{SHA1_2[:32]}", {}, id="SHA-1 to the length of an MD5"),
    pytest.param(f"{SHA1}\n{SHA1_2[:17]}", {}, id="SHA-1"),
    pytest.param(f"{SHA256}\n{SHA256[:40]}", {"hash_type": "sha256"}, id="SHA-256 to a SHA-1's"),
    pytest.param(f"{PDQ}\n{PDQ[:32]}", {"hash_type": "pdq"}, id="PDQ to an MD5's"),
    pytest.param(f"SHA-256\n{SHA256}\n{SHA256[:40]}", {}, id="X-Ways"),
    pytest.param(f"MD5 (a) = {MD5}\nMD5 (b) = {MD5_2[:9]}", {}, id="BSD checksums"),
    pytest.param(f"hash={PDQ},norm=1,quality=100,filename=a\nhash={PDQ},norm=1,quality=10", {},
                 id="quality of a named PDQ"),
    pytest.param(f"{PDQ},100,a.jpg\n{PDQ},10", {"format": "pdq"}, id="quality of a PDQ"),
    pytest.param(f"MD5,Category\n{MD5},1\n{MD5_2}", {}, id="table without its last cell"),
    pytest.param(f'"MD5","Category"\n"{MD5}","12"\n"{MD5_2}","1', {}, id="quoted cell"),
    pytest.param(KNOWN + f'"{SHA1_2}"', {}, id="NSRL"),
    pytest.param(
        f"0000000000000000000000000000000000000000|md5sum\n{MD5}|0000000000000001\n{MD5_2[:20]}",
        {},
        id="index",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options"), CUT)
def test_a_last_line_that_was_cut_is_no_record(read: Any, text: str, options: Any) -> None:
    """Fails by default; salvage keeps the whole records before it and says so."""
    with pytest.raises(ExchangeError, match="cut short"):
        read(text, **options)
    found = read(text, salvage=True, **options)
    assert len(found.items) == 1
    assert isinstance(found.items[0], HashRecord)
    assert "cut short" in found.info.facts[INCOMPLETE]


@pytest.mark.parametrize(
    ("text", "records", "rejects"),
    [
        (f"{MD5}\n{MD5_2}", 2, 0),
        (f"{MD5}\n" * 200 + SHA1, 201, 0),  # longer than the others: no beginning of one of them
        (f"MD5,Note\n{MD5},a\n{MD5_2},", 2, 0),
        (f'MD5,Note\n{MD5},a\n{MD5_2},"x\ny"', 2, 0),
        (f"{PDQ},100,a.jpg\n{PDQ},90,b", 2, 0),
        (f"{MD5}\n{MD5_2}\n\x1a", 2, 1),
    ],
)
def test_a_last_line_without_an_end_that_is_whole(
    read: Any, text: str, records: int, rejects: int
) -> None:
    found = read(text, **({"format": "pdq"} if text.startswith(PDQ) else {}))
    assert (len(found.records), len(found.rejects)) == (records, rejects)
    assert INCOMPLETE not in found.info.facts


NOT_SEEN = (
    "pdq/detailed.txt", "pdq/hasher.csv", "vpdq/features.txt", "plain/mixed.txt", "icse_2022.csv",
)  # fmt: skip


@pytest.mark.parametrize("row", TEXTS)
def test_cut_anywhere_nothing_is_made_up(
    read: Any, row: GoldenList, tmp_path: Path, whole: Callable[[GoldenList], set[Any]]
) -> None:
    """Every cut fails, or gives whole records only; a cut between two lines can't be seen."""
    if row.path in NOT_SEEN:
        pytest.skip("nothing in the file says how its last line has to look")
    data = row.file.read_bytes()
    options = {**row.options, **({} if "mapping" in row.options else {"format": row.format})}
    for cut in range(1, len(data.rstrip()), 1 + len(data) // 150):
        try:
            found = read(data[:cut], salvage=True, **options)
        except ExchangeError:
            continue
        records = {facts(item) for item in found.items if isinstance(item, HashRecord)}
        assert records <= whole(row), (cut, data[:cut][-40:])


@pytest.fixture(scope="session")
def whole(read: Any) -> Callable[[GoldenList], set[Any]]:
    known: dict[str, set[Any]] = {}

    def of(row: GoldenList) -> set[Any]:
        if row.path not in known:
            items = read(row.file, **row.options).items
            known[row.path] = {facts(item) for item in items if isinstance(item, HashRecord)}
        return known[row.path]

    return of


def facts(record: HashRecord) -> Any:
    return record.record_key, record.digests, record.hashes, record.opinion, record.size
