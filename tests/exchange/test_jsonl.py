"""Our own JSONL keeps everything, and reads nothing on trust."""

from __future__ import annotations

import dataclasses
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import ExchangeError, UnknownFormatError
from hashmatch.exchange import ListInfo, open_reader, write_list
from hashmatch.exchange.jsonl_write import JsonlWriter
from hashmatch.facts import Act, Age, Facts, Nature, Sex
from hashmatch.types import (
    Deletion,
    Digests,
    HashRecord,
    HashValue,
    Label,
    MediaKind,
    Opinion,
    Reject,
    Sighting,
)

HEAD = '{"schema":"hashmatch.list/1"}'
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"

FULL = HashRecord(
    record_key="k\udce4\n\u2028 \0",
    position=17,
    digests=Digests("477dab6fc5dff588410cd697abd3d3e2", SHA1, "ad" * 31 + "5b"),
    opinion=Opinion(
        scheme="s",
        raw_category="",
        label=Label.CGI,
        baseline=False,
        victim_identified=True,
        offender_identified=False,
        distributed=True,
        self_generated=False,
        suspected=True,
        precategorized=False,
        file_available=True,
        submissions=0,
        series=("a,b", ""),
        tags=("#x", "\ud83d"),
        updated_raw="  2023-06-07 ",
        facts=Facts(Nature.AI_GENERATED, Age.INFANT, Sex.BOTH, Act.EXHIBITION),
    ),
    kind=MediaKind.VIDEO,
    mime="video/mp4",
    size=2**63 - 1,
    hashes=(
        HashValue("pdq", bytes(range(32)), 0, 0, 0.0),
        HashValue("pdq", bytes(range(1, 33)), 100, 2**40, 0.1 + 0.2),
        HashValue("photodna", bytes(range(144))),
    ),
    extra={"b": "2", "a": '{"x":[1,2]}', "": "", "\udcff": "\0"},
    rejects=(
        Reject(17, "PhotoDNA", "photodna length", "AA\udc80", False),
        Reject(3, None, "md5 length", "", False),
    ),
    seen_at=(
        Sighting("1", "2", "3", "4", "5", "6", "7", {"x": "", "": "y\ud83d"}),
        Sighting(file_name="a\udce4.jpg"),
        Sighting(),
    ),
)
"""Every field has another value than its default."""


def document(*lines: Any, head: str = HEAD, count: int | None = None) -> str:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    end = json.dumps({"schema": "hashmatch.list.end/1", "lines": count or len(texts)})
    return "\n".join([head, *texts, end, ""])


def line(**members: Any) -> dict[str, Any]:
    return {
        "record_key": "k",
        "digests": {"sha1": SHA1},
        "opinion": {"scheme": "s", "label": "csam"},
        **members,
    }


def test_the_full_record_is_full() -> None:
    """A field that is added later and forgotten here fails here."""

    def check(value: Any) -> None:
        for field in dataclasses.fields(value):
            found = getattr(value, field.name)
            if field.default is not dataclasses.MISSING:
                assert found != field.default, field.name
            if dataclasses.is_dataclass(found):
                check(found)

    check(FULL)
    check(FULL.hashes[1])
    check(FULL.seen_at[0])


def test_nothing_is_lost(read: Any, tmp_path: Path) -> None:
    items: list[HashRecord | Deletion] = [
        FULL,
        Deletion("k\udce4", 3, "deletedImage", "2024"),
        HashRecord("2", 1, Digests(sha1=SHA1), Opinion("s", None, Label.UNCATEGORIZED)),
        FULL,
    ]
    path = tmp_path / "list.jsonl"
    info = ListInfo("ncmec-v2", "feed", "where it came from", "s")
    with JsonlWriter(path, origin=info) as writer:
        for item in items:
            writer.write(item)
        info.facts["next"] = "/v2/entries?x=1"
    assert writer.ledger.done == 4
    found = read(path)
    assert found.items == items
    assert found.warnings == {}
    assert found.info == ListInfo(
        "jsonl",
        "feed",
        "where it came from",
        "s",
        {"made from": "ncmec-v2", "next": "/v2/entries?x=1"},
    )
    assert path.read_bytes().isascii()
    # A copy of the copy is the copy.
    with JsonlWriter(tmp_path / "again.jsonl", origin=found.info) as writer:
        for item in found.items:
            writer.write(item)
    assert (tmp_path / "again.jsonl").read_bytes() == path.read_bytes()


def test_the_order_is_kept(read: Any, tmp_path: Path) -> None:
    record = HashRecord("k", 1, Digests(sha1=SHA1), Opinion("s", None, Label.CSAM))
    deletion = Deletion("k", 2, "x", "")
    orders: list[list[HashRecord | Deletion]] = [[record, deletion], [deletion, record]]
    for items in orders:
        with JsonlWriter(tmp_path / "a", overwrite=True) as writer:
            for item in items:
                writer.write(item)
        assert read(tmp_path / "a").items == items


@pytest.mark.parametrize(
    ("members", "field", "reason"),
    [
        ({"record_key": ""}, "record_key", "no record key"),
        ({"record_key": 5}, "record_key", "no record key"),
        ({"digests": {}}, None, "no usable hash"),
        ({"digests": {"sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}}, None, "no usable hash"),
        ({"digests": {"sha1": "0" * 40}}, None, "no usable hash"),
        ({"digests": {"sha1": SHA1[:-1]}}, None, "no usable hash"),
        ({"digests": SHA1}, None, "no usable hash"),
        ({"size": 0}, None, "zero-size media"),
        ({"opinion": {"scheme": "s", "label": "bad"}}, None, "no usable opinion"),
        ({"opinion": {"label": "csam"}}, None, "no usable opinion"),
        ({"opinion": None}, None, "no usable opinion"),
        ({"deleted": 3}, "deleted", "no record key"),
        ({"deleted": "k", "reason": 3}, "reason", "text type"),
    ],
)
def test_records_that_are_refused(read: Any, members: Any, field: str | None, reason: str) -> None:
    found = read(document(line(**members), line()))
    (reject,) = found.rejects
    assert (reject.field, reject.reason, reject.whole_record) == (field, reason, True)
    assert reject.position == 2
    assert len(found.records) == 1


@pytest.mark.parametrize(
    ("members", "field", "reason"),
    [
        ({"digests": {"sha1": SHA1, "md5": "x"}}, "md5", "md5 characters"),
        ({"digests": {"sha1": SHA1, "crc": "x"}}, "digests", "unknown digest"),
        ({"hashes": {}}, "hashes", "list type"),
        ({"hashes": [3]}, "hashes", "object type"),
        ({"hashes": [{"algorithm": "pdx", "value": "00"}]}, "hashes", "unknown algorithm"),
        ({"hashes": [{"algorithm": "pdq", "value": "00"}]}, "value", "pdq length"),
        ({"hashes": [{"algorithm": "pdq", "value": "00" * 32}]}, "value", "pdq all zero"),
        (
            {"hashes": [{"algorithm": "pdq", "value": "a5" * 32, "quality": 101}]},
            "quality",
            "quality over 100",
        ),
        (
            {"hashes": [{"algorithm": "pdq", "value": "a5" * 32, "time_s": -1}]},
            "time_s",
            "time value",
        ),
        (
            {"hashes": [{"algorithm": "pdq", "value": "a5" * 32, "time_s": 1e308}]},
            "time_s",
            "time value",
        ),
        (
            {"hashes": [{"algorithm": "pdq", "value": "a5" * 32, "frames": 1}]},
            "hashes",
            "unknown member",
        ),
        ({"size": -1}, "size", "number range"),
        ({"size": 2**63}, "size", "number range"),
        ({"kind": "film"}, "kind", "media kind"),
        ({"kind": []}, "kind", "media kind"),
        ({"mime": 3}, "mime", "text type"),
        ({"extra": []}, "extra", "object type"),
        ({"extra": {"a": 3}}, "a", "text type"),
        ({"rejects": 3}, "rejects", "list type"),
        ({"rejects": [3]}, "rejects", "object type"),
        ({"seen_at": {}}, "seen_at", "list type"),
        ({"seen_at": ["C:\\x"]}, "seen_at", "object type"),
        ({"seen_at": [{"file_name": 3}]}, "file_name", "text type"),
        ({"seen_at": [{"examiner": "x"}]}, "seen_at", "unknown member"),
        ({"seen_at": [{"extra": []}]}, "extra", "object type"),
        ({"seen_at": [{"extra": {"a": 1}}]}, "a", "text type"),
        ({"opinion": {"scheme": "s", "label": "csam", "facts": []}}, "facts", "object type"),
        *(
            (
                {"opinion": {"scheme": "s", "label": "csam", "facts": {name: word}}},
                f"facts.{name}",
                reason,
            )
            for name, word, reason in (
                ("age", "old", "unknown word"),
                ("age", None, "unknown word"),
                ("hair", "red", "unknown fact"),
            )
        ),
        (
            {"opinion": {"scheme": "s", "label": "csam", "baseline": "maybe"}},
            "baseline",
            "flag value",
        ),
        ({"opinion": {"scheme": "s", "label": "csam", "tags": "a"}}, "tags", "list type"),
        ({"opinion": {"scheme": "s", "label": "csam", "tags": [3]}}, "tags", "text type"),
        ({"opinion": {"scheme": "s", "label": "csam", "x": 1}}, "opinion", "unknown member"),
    ],
)
def test_fields_that_are_refused(read: Any, members: Any, field: str, reason: str) -> None:
    (record,) = read(document(line(**members))).records
    assert [(r.field, r.reason, r.whole_record) for r in record.rejects] == [(field, reason, False)]


def test_unknown_members_are_kept(read: Any) -> None:
    found = read(document(line(later=[1, {"a": None}])))
    assert found.records[0].extra == {"later": '[1,{"a":null}]'}
    assert found.warnings == {"unknown member kept": 1}


def test_pictures_and_contacts_never_come_in(read: Any) -> None:
    extra = {"Miniature": "AAAA", "ContactName": "N. N.", "Agency": "A"}
    found = read(document(line(extra=extra, miniature="AAAA")))
    assert found.records[0].extra == {"Agency": "A"}
    assert found.warnings == {"dropped Contact": 1, "dropped Miniature": 2}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "malformed JSON"),
        ("[1]", "record is no object"),
        ("7", "record is no object"),
        ('{"size":NaN}', "malformed JSON"),
        ('{"size":' + "9" * 5000 + "}", "malformed JSON"),
        ('{"record_key":"a","record_key":"b"}', "one member twice"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":"' + "x" * (1 << 20) + '","b":[' + "[]," * 200_001 + "0]}", "record too large"),
        ('{"a":[' + "0," * 600_001 + "0]}", "record too large"),
    ],
    ids=lambda value: value[:20],
)
def test_lines_that_are_no_records(read: Any, text: str, reason: str) -> None:
    found = read(document(text, line()))
    assert [(r.position, r.reason, r.whole_record) for r in found.rejects] == [(2, reason, True)]
    assert len(found.rejects[0].raw) <= 200
    assert len(found.records) == 1


def test_a_line_without_end_is_passed_over(read: Any) -> None:
    found = read(document('"' + "x" * (33 << 20) + '"', line()))
    assert [(r.position, r.reason) for r in found.rejects] == [(2, "record too large")]
    assert len(found.records) == 1


def test_what_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    record = HashRecord(
        *("k", 1, Digests(sha1=SHA1), Opinion("s", None, Label.CSAM)),
        extra={"a": "," * 600_001 + "x" * (1 << 20)},
    )
    ledger = write_list([record], tmp_path / "a", format="jsonl")
    assert (ledger.done, ledger.reasons) == (0, {("rejected", "record too large"): 1})


def test_a_cut_at_every_byte_is_seen(read: Any, tmp_path: Path) -> None:
    data = document(line(record_key="1"), {"deleted": "2"}, line(record_key="3")).encode()
    path = tmp_path / "cut"
    for cut in range(1, len(data) - 1):
        path.write_bytes(data[:cut])
        with pytest.raises(ExchangeError) as error, open_reader(path) as reader:
            list(reader)
        if cut > len(HEAD):
            assert "cut short" in str(error.value), cut


def test_a_cut_list_is_salvaged(read: Any, tmp_path: Path) -> None:
    lines = document(line(record_key="1"), line(record_key="2")).splitlines(keepends=True)
    found = read("".join(lines[:2]) + lines[2][:30], salvage=True)
    assert [record.record_key for record in found.records] == ["1"]
    assert found.rejects == []
    assert "cut short" in found.info.facts["incomplete"]
    found = read("".join([*lines[:2], lines[3]]), salvage=True)
    assert "expected 2 lines" in found.info.facts["incomplete"]
    assert "incomplete" not in read("".join(lines), salvage=True).info.facts


def test_packed_and_in_other_encodings(read: Any) -> None:
    text = document(line(extra={"a": "\udcff"}))
    plain = read(text).items
    assert read(gzip.compress(text.encode())).items == plain
    assert read(text.encode("utf-16")).items == plain


def test_lines_that_went_missing_are_seen(read: Any) -> None:
    with pytest.raises(ExchangeError, match=r"expected 2 lines between .* got 1"):
        read(document(line(), count=2))
    with pytest.raises(ExchangeError, match="expected nothing after the last line"):
        read(document(line()) + "{}\n")


@pytest.mark.parametrize("head", ['{"schema":"hashmatch.list/2"}', '{"schema":"hashmatch.list/1"'])
def test_heads_of_later_versions_and_broken_ones(read: Any, head: str) -> None:
    with pytest.raises(ExchangeError, match=r"expected a first line with the schema"):
        read(document(line(), head=head))


def test_without_its_head_it_is_nothing(read: Any) -> None:
    with pytest.raises(UnknownFormatError):
        read(json.dumps(line()) + "\n")


def test_a_forced_scheme_reads_the_code_anew(read: Any) -> None:
    opinion = {"scheme": "vics-us-legacy", "label": "uncategorized", "raw_category": "0"}
    text = document(line(opinion=opinion))
    assert read(text).records[0].opinion.label is Label.UNCATEGORIZED
    found = read(text, scheme="vics-us-current")
    assert found.records[0].opinion.label is Label.NON_PERTINENT
    assert found.info.scheme == found.records[0].opinion.scheme == "vics-us-current"


def test_nothing_of_a_bomb_stays_in_memory(tmp_path: Path, read: Any) -> None:
    import tracemalloc

    text = document(*["[" * 50_000] * 20, '{"a":[' + "[]," * 199_000 + '0],"b":"' + "x" * 999_999)
    tracemalloc.start()
    try:
        found = read(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found.rejects) == 21
    assert peak < 100 << 20
