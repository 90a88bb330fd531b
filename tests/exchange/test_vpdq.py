"""vPDQ features: three layouts of one video, frames and times kept, writers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import ExchangeError, InputError
from hashmatch.exchange import open_reader, open_writer, write_list
from hashmatch.exchange import vpdq as room
from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Opinion

HEX = "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9"
NEAR = HEX[:-1] + "8"


def feature(text: str, quality: int | None, frame: int | None, time_s: float | None) -> HashValue:
    return HashValue("pdq", bytes.fromhex(text), quality, frame=frame, time_s=time_s)


def video(*hashes: HashValue, key: str = "k") -> HashRecord:
    return HashRecord(
        key, 1, Digests(), Opinion("unmapped", None, Label.UNCATEGORIZED), hashes=hashes
    )


@pytest.mark.parametrize(
    ("name", "format", "second"),
    [
        ("features.txt", "vpdq-text", feature(NEAR, 88, 30, 1.001)),
        ("features.json", "vpdq-json", feature(NEAR, 88, None, 123.0)),
        ("features_by_frame.json", "vpdq-json", feature(NEAR, 88, 30, 1.001)),
    ],
)
def test_golden_files(read: Any, golden: Path, name: str, format: str, second: HashValue) -> None:
    found = read(golden / "vpdq" / name)
    assert found.info.format == format
    (record,) = found.records
    assert found.items == [record]
    assert record.kind is MediaKind.VIDEO
    assert record.hashes == (feature(HEX, 100, second.frame and 0, 0.0), second)
    assert record.record_key == read(golden / "vpdq" / "features.txt").records[0].record_key
    assert record.rejects == ()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *[("1.23e+02", 123.0), ("1.23E2", 123.0), ("12.3", 12.3), ("5", 5.0), ("0.000", 0.0)],
        *[("1e-3", 0.001), ("nan", None), ("inf", None), ("-1", None), ("1e99", None), ("x", None)],
    ],
)
def test_timestamps(read: Any, text: str, seconds: float | None) -> None:
    for document in (f"0,100,{HEX},{text}\n", json.dumps([f"{HEX},100,{text}"])):
        (record,) = read(document, format="vpdq").records
        assert record.hashes[0].time_s == seconds
        reasons = [] if seconds is not None else ["timestamp value"]
        assert [r.reason for r in record.rejects] == reasons


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (f"1,100,{HEX}", None, "fewer than four cells"),
        ("1,100,0123,0.0", "hash", "pdq length"),
        (f"1,100,{'0' * 64},0.0", "hash", "pdq all zero"),
        ("1,100,,0.0", "hash", "no usable hash"),
    ],
)
def test_a_refused_feature_leaves_the_others(
    read: Any, line: str, field: str | None, reason: str
) -> None:
    found = read(f"0,100,{HEX},0.000\n{line}\n2,90,{NEAR},2.000,more\n")
    (record,) = found.records
    assert [h.frame for h in record.hashes] == [0, 2]
    assert [(r.position, r.field, r.reason, r.whole_record) for r in record.rejects] == [
        (2, field, reason, False)
    ]
    assert found.warnings == {"more cells than a feature has": 1}


@pytest.mark.parametrize(
    ("line", "field"),
    [(f"x,100,{HEX},0", "frame"), (f"9999999999,1,{HEX},0", "frame"), (f"1,x,{HEX},0", "quality")],
)
def test_a_refused_number_leaves_the_hash(read: Any, line: str, field: str) -> None:
    (record,) = read(line, format="vpdq-text").records
    assert record.hashes[0].hex == HEX
    assert [r.field for r in record.rejects] == [field]


@pytest.mark.parametrize("element", [1, None, True, [], {}, "a,b", f"{HEX},1,2,3", {"hash": HEX}])
def test_elements_of_json_that_are_no_features(read: Any, element: Any) -> None:
    (record,) = read([f"{HEX},100,0.0", element]).records
    assert len(record.hashes) == 1
    assert [(r.position, r.reason) for r in record.rejects] == [(2, "no feature")]


def test_a_video_without_features_is_one_reject(read: Any) -> None:
    for document, format in (("x\n", "vpdq-text"), ([], "vpdq-json"), (["x"], "vpdq-json")):
        found = read(document, format=format)
        assert [(r.reason, r.whole_record) for r in found.items] == [("no usable hash", True)]


def test_the_layout_asked_for_must_be_there(golden: Path) -> None:
    for name, format in (("features.txt", "vpdq-json"), ("features.json", "vpdq-text")):
        with pytest.raises(ExchangeError, match=f"expected {format}, got"):
            open_reader(golden / "vpdq" / name, format=format)


def test_the_number_of_features_is_bounded(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_FEATURES", 3)
    lines = [f"{n},100,{HEX},0.0\n" for n in range(4)]
    assert len(read("".join(lines[:3])).records[0].hashes) == 3
    with pytest.raises(ExchangeError, match="expected up to 3 features, got more"):
        read("".join(lines))


VALUES = st.binary(min_size=32, max_size=32).filter(lambda b: len(set(b)) > 1)
FEATURES = st.builds(
    HashValue,
    st.just("pdq"),
    VALUES,
    st.integers(0, 100),
    frame=st.integers(0, 2**31 - 1),
    time_s=st.integers(0, 10**8).map(lambda ms: ms / 1000),
)


@given(st.lists(FEATURES, min_size=1, max_size=5))
def test_text_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, features: list[HashValue]
) -> None:
    path = tmp_path_factory.getbasetemp() / "vpdq-out"
    ledger = write_list([video(*features)], path, format="vpdq-text", overwrite=True)
    assert (ledger.done, dict(ledger.reasons)) == (1, {})
    with open_reader(path) as reader:
        (record,) = reader
    assert isinstance(record, HashRecord)
    assert list(record.hashes) == features


@given(st.lists(FEATURES, min_size=1, max_size=5), st.floats(0, 1e6))
def test_json_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, features: list[HashValue], time_s: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "vpdq-out"
    odd = HashValue("pdq", bytes.fromhex(HEX), 7, time_s=time_s)
    ledger = write_list([video(*features, odd)], path, format="vpdq-json", overwrite=True)
    assert ledger.reasons == {("done", "frame numbers are not in this format"): 1}
    with open_reader(path) as reader:
        (record,) = reader
    assert isinstance(record, HashRecord)
    assert [(h.value, h.quality, h.time_s) for h in record.hashes] == [
        (h.value, h.quality, h.time_s) for h in [*features, odd]
    ]


def test_writers_give_the_golden_bytes(golden: Path, read: Any, tmp_path: Path) -> None:
    folder = golden / "vpdq"
    for name in ("features.txt", "features_by_frame.json"):
        write_list(read(folder / name).records, tmp_path / name, format="vpdq-text")
        assert (tmp_path / name).read_bytes() == (folder / "features.txt").read_bytes()


def test_what_a_file_can_not_carry_is_in_the_ledger(tmp_path: Path) -> None:
    whole = feature(HEX, 100, 0, 0.0)
    records = [
        video(HashValue.from_hex("photodna", "ab" * 144)),
        video(feature(HEX, None, 0, 0.0)),
        video(whole, feature(NEAR, 50, None, 1 / 3), feature(NEAR, 50, 7, None), key="a"),
        video(whole, key="b"),
    ]
    ledger = write_list(records, tmp_path / "out", format="vpdq-text")
    assert dict(ledger.reasons) == {
        ("rejected", "no PDQ hash of a frame"): 1,
        ("rejected", "frames without quality or time"): 1,
        ("rejected", "a file of this format holds one video"): 1,
        (
            "done",
            "features without quality or time left out; frame numbers given in order; "
            "times rounded to milliseconds",
        ): 1,
    }
    first = (tmp_path / "out").read_bytes()
    write_list(records[::-1], tmp_path / "out", format="vpdq-text", overwrite=True)
    assert (tmp_path / "out").read_bytes() == first
    lines = first.decode().splitlines()
    assert lines == [f"0,100,{HEX},0.000", f"1,50,{NEAR},0.333"]


def test_nothing_to_write_is_an_error(tmp_path: Path) -> None:
    for format in ("vpdq-text", "vpdq-json"):
        with pytest.raises(ExchangeError, match="expected a record with PDQ hashes of frames"):
            write_list([], tmp_path / "out", format=format)
    assert list(tmp_path.iterdir()) == []


def test_layout_is_checked(tmp_path: Path) -> None:
    from hashmatch.exchange.perceptual_write import VpdqWriter

    with pytest.raises(InputError, match="layout: expected vpdq-text or vpdq-json"):
        VpdqWriter(tmp_path / "x", layout="text")
    with open_writer(tmp_path / "x", format="vpdq-json") as writer:
        writer.write(video(feature(HEX, 1, None, 0.5)))
    assert (tmp_path / "x").read_text() == f'["{HEX},1,0.5"]\n'


def test_files_of_the_reference_tool(corpus: Path, tmp_path: Path) -> None:
    paths = sorted((corpus / "video" / "vpdq").glob("*.txt"))
    assert len(paths) > 10
    for path in paths:
        with open_reader(path) as reader:
            (record,) = reader
        assert isinstance(record, HashRecord)
        assert record.rejects == ()
        write_list([record], tmp_path / "out", format="vpdq-text", overwrite=True)
        assert (tmp_path / "out").read_text().split() == path.read_text().split()
