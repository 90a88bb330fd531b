"""Hostile feed documents and files: bombs, huge texts, random damage; bounded, typed, not wrong."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError, HashmatchError
from hashmatch.exchange import open_reader
from hashmatch.exchange.base import INCOMPLETE
from hashmatch.exchange.json_items import JsonItems
from hashmatch.exchange.source import Source
from hashmatch.types import Deletion, HashRecord, Reject

GOLDEN = Path(__file__).parents[1] / "golden" / "exchange"
FOLDERS = {
    "ncmec": "ncmec",
    "threatexchange": "threatexchange",
    "stopncii": "stopncii",
    "arachnid": "arachnid",
    "case_uco": "case-uco",
    "pdq": "pdq",
    "vpdq": "vpdq",
    "tmk": "tmk",
}
FILES = sorted(path for folder in FOLDERS for path in (GOLDEN / folder).iterdir())
MD5 = "477dab6fc5dff588410cd697abd3d3e2"
JSON_FEEDS = {
    "threatexchange": '{"data":[{"id":"1","type":"HASH_MD5","indicator":"' + MD5 + '","x":',
    "stopncii": '{"hashRecords":[{"signalType":"VideoMD5","hashValue":"' + MD5 + '","x":',
    "arachnid": '{"classification":"csam","x":',
    "case-uco": '{"@graph":[{"@type":"uco-types:Hash","x":',
}


def read_until_error(path: Path, **options: Any) -> tuple[list[Any], str]:
    items: list[Any] = []
    try:
        with open_reader(path, **options) as reader:
            for item in reader:
                items.append(item)  # noqa: PERF402 - keeps the items before the error
    except HashmatchError as error:
        return items, str(error)
    return items, ""


@pytest.fixture
def peak() -> Iterator[Callable[[], int]]:
    """peak(): the most bytes that Python held since the test began."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_golden_files_are_there() -> None:
    assert len(FILES) >= 16


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_item_has_its_place(path: Path) -> None:
    items, error = read_until_error(path, format=FOLDERS[path.parent.name])
    assert error == ""
    assert items
    positions = [item.position for item in items]
    assert positions == sorted(positions)
    for item in items:
        if isinstance(item, HashRecord):
            assert item.record_key
            assert item.digests or item.hashes
        else:
            assert isinstance(item, (Reject, Deletion))
            assert item.reason


@given(
    path=st.sampled_from(FILES),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4),
    cut=st.none() | st.floats(0, 1),
)
@settings(max_examples=400)
def test_random_damage_is_a_reject_or_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory,
    path: Path,
    flips: list[tuple[float, int]],
    cut: float | None,
) -> None:
    data = bytearray(path.read_bytes())
    for where, byte in flips:
        data[int(where * (len(data) - 1))] = byte
    if cut is not None:
        del data[int(cut * len(data)) :]
    damaged = tmp_path_factory.getbasetemp() / "damaged"
    damaged.write_bytes(data)
    present = bytes(data).decode("latin-1").lower()
    for item in read_until_error(damaged, format=FOLDERS[path.parent.name])[0]:
        if isinstance(item, HashRecord):
            for name, digest in item.digests.items():
                base32 = name == "sha1" and "base32" in present
                assert digest in present.replace("-", "").replace(":", "") or base32
        else:
            assert item.reason


@given(st.binary(max_size=200), st.sampled_from(sorted(FOLDERS.values())))
@settings(max_examples=300)
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes, family: str) -> None:
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes(data)
    items, error = read_until_error(path, format=family)
    assert not any(isinstance(item, HashRecord) for item in items)
    assert items or error or not data.strip() or family == "pdq"


@pytest.mark.parametrize("family", JSON_FEEDS)
@pytest.mark.parametrize("bomb", ["[", '{"a":'])
def test_json_depth_bomb(tmp_path: Path, peak: Callable[[], int], family: str, bomb: str) -> None:
    path = tmp_path / "list"
    with path.open("w") as file:
        file.write(JSON_FEEDS[family])
        file.writelines(bomb * 10_000 for _ in range(100))
    items, error = read_until_error(path, format=family)
    assert items == []
    assert "nested" in error
    assert peak() < 24 << 20


@pytest.mark.parametrize("family", JSON_FEEDS)
def test_a_record_over_the_limit_is_one_reject(
    tmp_path: Path, peak: Callable[[], int], family: str
) -> None:
    path = tmp_path / "list"
    end = "}]}" if "[" in JSON_FEEDS[family] else "}"
    path.write_text(JSON_FEEDS[family] + "[" + "{}," * 100_000 + "{}]" + end)
    items, error = read_until_error(path, format=family)
    assert error == ""
    assert [(item.position, item.reason) for item in items] == [(1, "record too large")]
    assert peak() < 16 << 20


@pytest.mark.parametrize("family", JSON_FEEDS)
def test_json_members_twice(tmp_path: Path, family: str) -> None:
    path = tmp_path / "list"
    end = "}]}" if "[" in JSON_FEEDS[family] else "}"
    path.write_text(JSON_FEEDS[family] + '1,"x":2' + end)
    items, error = read_until_error(path, format=family)
    assert error == ""
    assert [item.reason for item in items] == ["one member twice with different values"]


def test_json_items_members_and_facts(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(
        '{"n":1,"p":{"next":"x","long":"' + "y" * 9000 + '"},"skip":[[1,{"a":2}],3],'
        '"data":[{"a":null,"a":1},"s",[2]],"m":{"k":{"v":1.50},"l":true}}'
    )
    source = Source(path)
    items = JsonItems(source, arrays=(("data",),), maps=(("m",),))
    assert [(i.number, i.path, i.name, i.value) for i in items] == [
        (1, ("data",), None, {"a": 1}),
        (2, ("data",), None, "s"),
        (3, ("data",), None, [2]),
        (4, ("m",), "k", {"v": Decimal("1.50")}),
        (5, ("m",), "l", True),
    ]
    assert items.facts == {"n": 1, "p.next": "x"}
    source.close()


def test_facts_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("{" + "".join(f'"k{n}":{n},' for n in range(5000)) + '"data":[]}')
    source = Source(path)
    items = JsonItems(source, arrays=(("data",),))
    assert list(items) == []
    assert len(items.facts) == 64
    source.close()


XML = '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><images>'


@pytest.mark.parametrize(
    "start", ["", "<image>", '<image><member id="', "<image><!--", "<image><![CDATA[", "<image><"]
)
def test_xml_token_without_end(tmp_path: Path, peak: Callable[[], int], start: str) -> None:
    path = tmp_path / "list"
    with path.open("wb") as file:
        file.write((XML + start).encode())
        file.writelines(b"A" * (1 << 20) for _ in range(32))
    items, error = read_until_error(path)
    assert items == []
    assert "texts of up to" in error or "cut short" in error
    assert peak() < 16 << 20


@pytest.mark.parametrize("start", ["", "<image>", "<image><fingerprints>"])
def test_xml_depth_bomb(tmp_path: Path, peak: Callable[[], int], start: str) -> None:
    path = tmp_path / "list"
    with path.open("w") as file:
        file.write(XML + start)
        file.writelines("<a>" * 10_000 for _ in range(100))
    items, error = read_until_error(path)
    assert (items, "nested" in error) == ([], True)
    assert peak() < 24 << 20


def test_xml_entry_of_many_elements_is_one_reject(tmp_path: Path, peak: Callable[[], int]) -> None:
    path = tmp_path / "list"
    with path.open("w") as file:
        file.write(XML + "<image>")
        file.writelines("<a/>" * 10_000 for _ in range(10))
        file.write("</image></images></queryResult>")
    items, error = read_until_error(path)
    assert error == ""
    assert [item.reason for item in items] == ["record too large"]
    assert peak() < 24 << 20


def test_a_long_page_needs_no_memory_for_it(tmp_path: Path, peak: Callable[[], int]) -> None:
    path = tmp_path / "list"
    with path.open("w") as file:
        file.write(XML)
        for n in range(1, 5_001):
            file.write(
                f'<image><member id="1"/><id>{n}</id><fingerprints><md5>{n:032x}</md5>'
                "</fingerprints></image>"
            )
        file.write("</images></queryResult>")
    with open_reader(path) as reader:
        assert sum(isinstance(item, HashRecord) for item in reader) == 5_000
    assert peak() < 4 << 20


def test_an_endless_line_of_pdq_is_a_reject(tmp_path: Path, peak: Callable[[], int]) -> None:
    path = tmp_path / "list"
    with path.open("wb") as file:
        file.writelines(b"A" * (1 << 20) for _ in range(32))
        file.write(b"\n" + b"ab" * 31 + b"cd\n")
    items, error = read_until_error(path, format="pdq-text")
    assert error == ""
    assert [type(item).__name__ for item in items] == ["Reject", "HashRecord"]
    assert peak() < 16 << 20


def test_truncated_documents_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "list"
    for family, folder in ((f, n) for n, f in FOLDERS.items() if f in JSON_FEEDS):
        for file in (GOLDEN / folder).iterdir():
            data = file.read_bytes().rstrip()
            for cut in range(1, len(data), 61):
                path.write_bytes(data[:cut])
                with pytest.raises(ExchangeError), open_reader(path, format=family) as reader:
                    list(reader)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_packed_and_in_utf16_it_is_the_same_list(tmp_path: Path, path: Path) -> None:
    family = FOLDERS[path.parent.name]
    plain = read_until_error(path, format=family)
    data = path.read_bytes()
    versions = [gzip.compress(data)]
    if family != "tmk":
        text = data.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
        versions += [text.encode(name) for name in ("utf-16", "utf-16-be")]
        versions += [b"\xff\xfe" + data, b"\xef\xbb\xbf" + data]
    for version in versions:
        packed = tmp_path / "list"
        packed.write_bytes(version)
        assert read_until_error(packed, format=family) == plain


@pytest.mark.parametrize(
    ("name", "cut", "whole"),
    [
        ("ncmec/page_1.xml", b"<id>entry-2", 3),
        ("threatexchange/page.json", b'"1003"', 2),
        ("stopncii/page.json", b'"Withdrawn"', 2),
        ("case_uco/files.jsonld", b"kb:Hash-flat", 1),
        ("vpdq/features.json", b",88", 0),
        ("tmk/small.tmk", None, 0),
    ],
)
def test_salvage_keeps_whole_records_and_says_so(
    tmp_path: Path, name: str, cut: bytes | None, whole: int
) -> None:
    family = FOLDERS[name.partition("/")[0]]
    data = (GOLDEN / name).read_bytes()
    everything, _ = read_until_error(GOLDEN / name, format=family)
    path = tmp_path / "list"
    path.write_bytes(data[:-5] if cut is None else data[: data.index(cut) + len(cut)])
    items, error = read_until_error(path, format=family)
    assert error
    assert items == everything[:whole]
    if cut is None:  # nothing of a single record is whole, and its head shows it
        return
    with open_reader(path, format=family, salvage=True) as reader:
        assert list(reader) == everything[:whole]
        assert "cut short" in reader.info.facts[INCOMPLETE]
    with open_reader(GOLDEN / name, format=family, salvage=True) as reader:
        assert list(reader) == everything
        assert INCOMPLETE not in reader.info.facts
