"""Hostile lists: cut, corrupted, too deep, too large. A typed error or rejects, never a wrong hash.

Memory bounds count what Python allocates (tracemalloc); the JSON parser's own buffer is bounded by
the same limit on a token.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError, HashmatchError
from hashmatch.exchange import open_reader
from hashmatch.exchange.icse_header import COLUMNS
from hashmatch.exchange.json_plain import MAX_VALUE
from hashmatch.types import Deletion, HashRecord, Reject

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
SHA1 = "e9efc060ec30f65a6c0efb4fdcfe7afe4e0817ed"
GOLDEN = Path(__file__).parents[1] / "golden" / "exchange"
NAMES = sorted(path.name for path in GOLDEN.iterdir() if path.suffix in (".json", ".csv"))
OPEN = '{"value":['
CLOSE = "]}"


def read_until_error(
    path: Path, **options: Any
) -> tuple[list[HashRecord | Reject | Deletion], str]:
    """The items up to the error, and the error's message; "" where there is none."""
    items: list[HashRecord | Reject | Deletion] = []
    try:
        with open_reader(path, **options) as reader:
            for item in reader:
                items.append(item)  # noqa: PERF402 - keeps the items before the error
    except HashmatchError as error:
        return items, str(error)
    return items, ""


def digests(items: list[HashRecord | Reject | Deletion]) -> set[tuple[str, str]]:
    return {d for item in items if isinstance(item, HashRecord) for d in item.digests.items()}


@pytest.fixture
def peak() -> Iterator[Callable[[], int]]:
    """peak(): the most bytes that Python held since the test began."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("json")])
def test_cut_at_every_byte_fails_after_the_records_before_it(tmp_path: Path, name: str) -> None:
    data = (GOLDEN / name).read_bytes().rstrip()
    path = tmp_path / "list"
    path.write_bytes(data)
    whole, error = read_until_error(path)
    assert error == ""
    for cut in range(1, len(data), 7):
        path.write_bytes(data[:cut])
        items, error = read_until_error(path, format="vics")
        assert "cut short" in error
        assert items == whole[: len(items)]
        assert str(path) in error


def test_records_before_a_cut_are_given_out(tmp_path: Path) -> None:
    path = tmp_path / "list"
    media = [f'{{"MD5":"{n:032x}"}}' for n in range(1, 5001)]
    text = OPEN + ",".join(media)
    path.write_text(text[:-10])
    items, error = read_until_error(path)
    assert len(items) == 4999
    assert "cut short" in error


@pytest.mark.parametrize(
    "text",
    [
        OPEN + '{"MD5":"%s"}]}{}',
        OPEN + '{"MD5":"%s"}]]',
        OPEN + '{"MD5":"%s"}]"x":1}',
        OPEN + '{"MD5":"%s"}],x:1}',
        OPEN + '{"MD5":"%s"}],"x" 1}',
        OPEN + '{"MD5":"%s"}],"x":NaN}',
    ],
)
def test_malformed_around_the_records_is_an_exchange_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list"
    path.write_text(text % MD5)
    items, error = read_until_error(path)
    assert "malformed JSON" in error
    assert digests(items) == {("md5", MD5)}


@given(
    name=st.sampled_from(NAMES),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4),
    cut=st.none() | st.floats(0, 1),
)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_random_corruption_is_a_reject_or_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    flips: list[tuple[float, int]],
    cut: float | None,
) -> None:
    data = bytearray((GOLDEN / name).read_bytes())
    for where, byte in flips:
        data[int(where * (len(data) - 1))] = byte
    if cut is not None:
        del data[int(cut * len(data)) :]
    path = tmp_path_factory.getbasetemp() / "corrupt"
    path.write_bytes(data)
    family = "icse" if name.endswith("csv") else "vics"
    present = bytes(data).decode("latin-1").lower()
    for item in read_until_error(path, format=family)[0]:
        if isinstance(item, HashRecord):
            for name_and_digest in item.digests.items():
                assert name_and_digest[1] in present.replace("-", "").replace(":", "")
            for found in item.hashes:
                assert len(found.value) in (32, 144)
        else:
            assert item.reason


@given(st.binary(max_size=300), st.sampled_from(["icse", "vics"]))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes, family: str) -> None:
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes(data)
    items, error = read_until_error(path, format=family)
    assert items == [] or family == "icse"
    assert error or family == "icse"


LETTERS = 'a";,\t\n\r \0\ufeff5'


@given(st.text(LETTERS, max_size=80))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_row_is_one_answer_and_later_rows_are_not_swallowed(
    tmp_path_factory: pytest.TempPathFactory, noise: str
) -> None:
    cells = ["", *[""] * (len(COLUMNS) - 1)]
    good = ";".join([MD5, *cells[1:]])
    path = tmp_path_factory.getbasetemp() / "noise.csv"
    path.write_bytes("\n".join([";".join(COLUMNS), noise, good, good, ""]).encode())
    items, error = read_until_error(path, format="icse")
    assert error == ""
    assert len([item for item in items if isinstance(item, HashRecord)]) == 2
    positions = [item.position for item in items]
    assert positions == sorted(set(positions))


@pytest.mark.parametrize("bomb", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("place", ["", '{"x":', OPEN, OPEN + '{"MD5":"1","X":', OPEN + '{"Exifs":'])
def test_depth_bomb(tmp_path: Path, peak: Callable[[], int], bomb: str, place: str) -> None:
    path = tmp_path / "list"
    with path.open("w") as file:
        file.write(place)
        file.writelines(bomb * 10_000 for _ in range(300))
    items, error = read_until_error(path, format="vics")
    assert "nested" in error
    assert digests(items) == set()
    assert len(items) <= 1
    assert peak() < 24 << 20


def test_depth_up_to_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list"
    for depth, good in ((61, True), (62, False)):
        nested = "[" * depth + "]" * depth
        path.write_text(f'{OPEN}{{"MD5":"{MD5}","X":{nested}}}{CLOSE}')
        items, error = read_until_error(path)
        assert (error == "") is good
        assert (len(items) == 1) is good


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (OPEN + '{"X":"', "record too large"),
        (OPEN + '{"Miniature":"', "no usable hash"),
        (OPEN + '{"', "malformed JSON: expected ':'"),
        ('{"x":"', None),
    ],
)
def test_huge_string(
    tmp_path: Path, peak: Callable[[], int], place: str, reason: str | None
) -> None:
    path = tmp_path / "list"
    with path.open("wb") as file:
        file.write(place.encode())
        file.writelines(b"A" * (1 << 20) for _ in range(64))
        file.write(b'"}' + CLOSE.encode())
    items, error = read_until_error(path, format="vics")
    assert [item.reason for item in items if isinstance(item, Reject)] == [reason] * bool(reason)
    assert digests(items) == set()
    assert bool(error) == (reason is None)
    assert peak() < 16 << 20


def test_white_space_is_no_string(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(OPEN + " " * (6 << 20) + f'{{"MD5":"{MD5}"}}' + CLOSE)
    items, error = read_until_error(path, format="vics")
    assert (digests(items), error) == ({("md5", MD5)}, "")


@pytest.mark.parametrize(
    "member", ["[0,0]", "{}", '"%s"' % ("x" * 60), "[[]]", '{"%s":1}' % ("k" * 60)]
)
@pytest.mark.parametrize("nested", [True, False])
def test_record_over_the_limit_is_one_reject_and_the_rest_goes_on(
    tmp_path: Path, peak: Callable[[], int], member: str, nested: bool
) -> None:
    path = tmp_path / "list"
    many = MAX_VALUE // len(member) + 1
    if nested:
        big = '{"MD5":"' + MD5 + '","X":[' + ",".join([member] * many) + "]}"
    else:
        big = "{" + ",".join(f'"m{n}":{member}' for n in range(many)) + "}"
    path.write_text(OPEN + big + f',{{"MD5":"{MD5}"}}' + CLOSE)
    del big
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    items, error = read_until_error(path, format="vics")
    assert error == ""
    assert [(item.position, isinstance(item, Reject)) for item in items] == [(1, True), (2, False)]
    assert isinstance(items[0], Reject)
    assert items[0].reason == "record too large"
    assert peak() - before < 32 << 20


def test_large_private_members_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "list"
    files = ",".join(['{"FileName":"x","FilePath":"y"}'] * 100_000)
    record = f'{{"MediaFiles":[{files}],"Miniature":"{"A" * 3_000_000}","MD5":"{MD5}"}}'
    path.write_text(OPEN + record + CLOSE)
    items, error = read_until_error(path, format="vics")
    assert error == ""
    assert digests(items) == {("md5", MD5)}


def test_a_long_list_on_one_line_needs_no_memory_for_it(
    tmp_path: Path, peak: Callable[[], int]
) -> None:
    path = tmp_path / "list"
    with path.open("w") as file:
        file.write('{"@odata.context":"http://x/ProjectVic/DataModels/2.0.xml/US/","value":[')
        for n in range(1, 30_001):
            file.write(f'{"," if n > 1 else ""}{{"MD5":"{n:032x}","Category":1,"X{n}":"{n}"}}')
        file.write("]}")
    with open_reader(path) as reader:
        assert sum(isinstance(item, HashRecord) for item in reader) == 30_000
        assert reader.warnings == {}
    assert peak() < 8 << 20


def test_warnings_can_not_be_flooded(read: Any) -> None:
    media = {"MD5": MD5, **{f"contact{n}": "x" for n in range(2000)}}
    media |= {f"x@odata.{n}": "x" for n in range(2000)}
    found = read(json.dumps({"value": [media]}))
    assert found.warnings == {"dropped Contact": 1, "no context": 1}


def test_file_that_can_not_be_read_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Path
) -> None:
    for name in ("vics_2_0_full.json", "icse_2022.csv"):
        with open_reader(golden / name) as reader:
            source: Any = reader._source  # type: ignore[attr-defined]

            class Broken:
                closed = False

                def read(self, size: int) -> bytes:
                    raise OSError(5, "Input/output error")

                readline = read

                def close(self) -> None:
                    pass

            source.close()
            monkeypatch.setattr(source, "_raw", Broken())
            monkeypatch.setattr(source, "_file", Broken())
            with pytest.raises(ExchangeError, match=r"can't read .*: Input/output error"):
                list(reader)


def test_case_goes_on_after_its_last_medium_was_too_large(tmp_path: Path) -> None:
    path = tmp_path / "list"
    big = f'{{"MD5":"{MD5}","X":[{",".join(["{}"] * (MAX_VALUE // 2))}]}}'
    path.write_text(
        f'{OPEN}{{"Media":[{{"SHA1":"{SHA1}"}},{big}],"More":{{"x":[1]}}}},'
        f'{{"Media":[{{"MD5":"{MD5}"}}]}}{CLOSE}'
    )
    items, error = read_until_error(path)
    assert error == ""
    assert digests(items) == {("sha1", SHA1), ("md5", MD5)}
    assert [item.position for item in items] == [1, 2, 3]
