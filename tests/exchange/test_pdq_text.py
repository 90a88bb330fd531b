"""PDQ as text: every form of a line, what is refused, and the writer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import open_reader, sort_key, write_list
from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Opinion

HEX = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
OTHER = HEX[::-1]
TEXT = base64.b64encode(bytes.fromhex(HEX)).decode()


def one(read: Any, line: str) -> HashRecord:
    found = read(line + "\n", format="pdq-text")
    assert len(found.items) == 1
    record: HashRecord = found.records[0]
    return record


@pytest.mark.parametrize(
    ("line", "quality", "extra"),
    [
        (HEX, None, {}),
        (HEX.upper(), None, {}),
        (f"  {HEX}  ", None, {}),
        (TEXT, None, {}),
        (f"{TEXT},61,x", 61, {}),
        (f"{HEX},anything", None, {"metadata": "anything"}),
        (f"{HEX},a,b", None, {"metadata": "a,b"}),
        (f"{HEX},100", None, {"metadata": "100"}),
        (f"{HEX},", None, {}),
        (f"{HEX},100,", 100, {}),
        (f"{HEX},0,a.jpg", 0, {}),
        (f"{HEX},100,a, b.jpg", 100, {}),
        (f"{HEX},101,a.jpg", None, {"metadata": "101,a.jpg"}),
        (
            f"hash={HEX},norm=128,delta=0,quality=100,filename=a=b, c.jpg",
            100,
            {"norm": "128", "delta": "0"},
        ),
        (f"hash={HEX}", None, {}),
        (f"hash={HEX},remark", None, {"metadata": "remark"}),
    ],
)
def test_forms_of_a_line(read: Any, line: str, quality: int | None, extra: dict[str, str]) -> None:
    record = one(read, line)
    assert record.hashes == (HashValue.from_hex("pdq", HEX, quality),)
    assert record.extra == extra
    assert record.record_key == f"pdq:{HEX}"
    assert record.kind is MediaKind.IMAGE
    assert record.opinion.label is Label.UNCATEGORIZED
    assert not record.digests
    assert record.rejects == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (HEX[:-1], "pdq length"),
        (HEX + "0", "pdq length"),
        ("g" + HEX[1:], "pdq characters"),
        ("0" * 64, "pdq all zero"),
        ("F" * 64, "pdq all F"),
        (base64.b64encode(bytes(32)).decode(), "pdq all zero"),
        ("hash=,quality=3", "no usable hash"),
        ("hello", "pdq length"),
    ],
)
def test_refused_lines(read: Any, line: str, reason: str) -> None:
    found = read(f"{line}\n{OTHER}\n", format="pdq-text")
    assert [(r.position, r.reason, r.whole_record) for r in found.rejects] == [(1, reason, True)]
    assert found.rejects[0].raw == line
    assert [r.position for r in found.records] == [2]


def test_quality_out_of_range_is_refused_and_the_hash_stands(read: Any) -> None:
    record = one(read, f"hash={HEX},quality=101")
    assert record.hashes == (HashValue.from_hex("pdq", HEX),)
    assert [(r.field, r.reason) for r in record.rejects] == [("quality", "quality over 100")]


def test_file_names_are_left_out_and_counted(read: Any, golden: Path) -> None:
    for name, options in (("hasher.csv", {"format": "pdq"}), ("detailed.txt", {})):
        found = read(golden / "pdq" / name, **options)
        assert len(found.records) == 2
        assert found.warnings["dropped file name"] == 2
        assert ".jpg" not in repr(found.items)


def test_golden_files_hold_the_same_two_hashes(read: Any, golden: Path) -> None:
    names = sorted(path.name for path in (golden / "pdq").iterdir())
    assert len(names) == 5
    for name in names:
        found = read(golden / "pdq" / name, format="pdq-text")
        assert [r.hashes[0].hex for r in found.records] == [HEX, OTHER]
        assert found.info.format == "pdq-text"


def test_only_the_form_with_names_is_detected(golden: Path) -> None:
    """64 hex digits may be SHA-256 as well: nothing else may pass as PDQ unless declared."""
    with open_reader(golden / "pdq" / "detailed.txt") as reader:
        assert reader.info.format == "pdq-text"
    for name in ("bare.txt", "base64.txt"):
        with pytest.raises(ExchangeError):
            open_reader(golden / "pdq" / name)
    for name in ("with_metadata.csv", "hasher.csv"):
        with pytest.raises(ExchangeError, match=r"SHA-256 or PDQ: say hash_type='pdq'"):
            open_reader(golden / "pdq" / name)
        with open_reader(golden / "pdq" / name, hash_type="pdq") as reader:
            found = [item.hashes[0].hex for item in reader if isinstance(item, HashRecord)]
        assert found == [HEX, OTHER]


def test_a_table_of_sha256_is_not_pdq(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(f"{HEX},100,a.jpg\n")
    with pytest.raises(ExchangeError, match="by a mapping file"):
        open_reader(path, hash_type="sha256")


def record(*hashes: HashValue, key: str = "k", md5: str | None = None) -> HashRecord:
    return HashRecord(
        key, 1, Digests(md5=md5), Opinion("unmapped", None, Label.UNCATEGORIZED), hashes=hashes
    )


VALUES = st.binary(min_size=32, max_size=32).filter(lambda b: len(set(b)) > 1)
HASHES = st.builds(HashValue, st.just("pdq"), VALUES, st.none() | st.integers(0, 100))


@given(st.lists(st.lists(HASHES, max_size=3), max_size=5), st.randoms())
def test_written_hashes_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, lists: list[list[HashValue]], random: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "pdq-out"
    records = [record(*hashes, key=str(n)) for n, hashes in enumerate(lists)]
    ledger = write_list(records, path, format="pdq-text", overwrite=True)
    assert ledger.done == sum(map(bool, lists))
    assert ledger.rejected == len(lists) - ledger.done
    data = path.read_bytes()
    if data:
        with open_reader(path, format="pdq-text") as reader:
            found = [h for item in reader if isinstance(item, HashRecord) for h in item.hashes]
        expected = [set(hashes) for hashes in lists]
        assert sorted(map(repr, found)) == sorted(repr(h) for hashes in expected for h in hashes)
    same_key = [record(*hashes) for hashes in lists]
    write_list(same_key, path, format="pdq-text", overwrite=True)
    first = path.read_bytes()
    random.shuffle(same_key)
    write_list(same_key, path, format="pdq-text", overwrite=True)
    assert path.read_bytes() == first


def test_writer_wants_the_order_of_sort_key(tmp_path: Path) -> None:
    value = HashValue.from_hex("pdq", HEX, 100)
    records = [record(value, md5="b" * 32), record(value, md5="a" * 32)]
    with pytest.raises(InputError, match="in the order of sort_key"):
        write_list(records, tmp_path / "out", format="pdq-text")
    assert list(tmp_path.iterdir()) == []
    ledger = write_list(sorted(records, key=sort_key), tmp_path / "out", format="pdq-text")
    assert ledger.reasons == {("done", "digests and category are not in this format"): 2}
    assert (tmp_path / "out").read_text() == f"{HEX},100,\n{HEX},100,\n"


def test_writer_leaves_nothing_after_an_error(tmp_path: Path) -> None:
    def records() -> Iterator[HashRecord]:
        yield record(HashValue.from_hex("pdq", HEX))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_list(records(), tmp_path / "x", format="pdq-text")
    assert list(tmp_path.iterdir()) == []


def test_hashes_of_the_reference_tool(corpus: Path) -> None:
    for name in ("needles.txt", "haystack.txt"):
        with open_reader(corpus / "pdq" / name, format="pdq-text") as reader:
            items = list(reader)
        lines = (corpus / "pdq" / name).read_text().split()
        assert len(items) == len(lines) > 0
        for item, line in zip(items, lines, strict=True):
            assert isinstance(item, HashRecord)
            assert item.hashes[0].hex == line.split(",")[0].removeprefix("hash=").lower()
