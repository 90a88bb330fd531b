"""A VICS record that is built in one go is what it is when it is built member by member."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashmatch.exchange import open_reader
from hashmatch.exchange.vics_plain import PlainRecords

CONTEXT = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default/$metadata#Media"
PHOTODNA = base64.b64encode(bytes(range(1, 145))).decode()
ZEROS = base64.b64encode(bytes(144)).decode()
FLAG = [True, False, None, "true", "false", "", 1, 0, 2, "x"]
MEMBERS: dict[str, list[Any]] = {
    "MD5": ["5A" * 16, "5a" * 16, "0" * 32, "F" * 32, " " + "5a" * 16, "5a" * 15, "", None, 5],
    "SHA1": ["A5" * 20, "0" * 40, "", None, "A5" * 19, True],
    "PhotoDNA": [PHOTODNA, ZEROS, "01" * 144, PHOTODNA[:-1], PHOTODNA[:-1] + "=", "", None, 7],
    "AlternativeHashes": [
        [{"HashName": "PhotoDNA", "HashValue": PHOTODNA}],
        [{"HashValue": PHOTODNA, "HashName": "PhotoDNA"}],
        [{"HashName": "PhotoDNA", "HashValue": PHOTODNA, "Quality": 3}],
        [{"HashName": "PhotoDNA", "HashValue": None}],
        [{"HashName": "PhotoDNA", "HashValue": ""}],
        [{"HashName": "photodna", "HashValue": PHOTODNA[::-1]}],
        [{"HashName": "PhotoDNA", "HashValue": PHOTODNA}] * 2,
        [{"HashName": "SHA256", "HashValue": "ab" * 32}],
        [{"HashName": "PhotoDNA"}],
        [{"HashName": "PhotoDNA", "x": 1}],
        [{"x": "y", "z": "w"}],
        [],
        ["x"],
        "x",
        None,
    ],
    "Category": [1, "1", True, 5, 0, -1, 10**30, None, "", " 1 ", "1" * 50, "x"],
    "MediaSize": [
        19,
        "19",
        "0",
        "007",
        "9" * 18,
        "9" * 19,
        "٣",
        "+1",
        "1.0",
        0,
        -1,
        2**63 - 1,
        2**63,
        None,
        "",
        "19 bytes",
        True,
    ],
    "MimeType": ["image/jpeg", "video", "", None, "application/octet-stream", 5],
    "VictimIdentified": FLAG,
    "OffenderIdentified": FLAG,
    "IsDistributed": FLAG,
    "SelfGenerated": FLAG,
    "IsSuspected": FLAG,
    "IsPrecategorized": FLAG,
    "PrecategorizationSource": ["National DB", "C:\\x", "", None],
    "Series": ["A,B", "", None, 5, False],
    "Tags": ["a,interpol-baseline:yes", "interpol-baseline:yes,interpol-baseline:no", "", None, 1],
    "DateUpdated": ["2023-06-07T02:31:49.8300Z", "", None, 20230607],
    "Comments": ["", "a remark", None, 5, True],
    "comments": ["in other letters"],
    "md5": ["5b" * 16],
    "SHA256": ["ab" * 32],
    "FileName": ["a.jpg", ""],
    "CaseNumber": ["7"],
    "MediaID": [1, "1"],
}


def member(name: str) -> st.SearchStrategy[Any]:
    choices = MEMBERS[name]
    return st.just(choices[0]) | st.just(choices[0]) | st.sampled_from(choices)


COMMON = [name for name in MEMBERS if name not in ("comments", "md5", "SHA256", "FileName")]
records = st.lists(st.sampled_from([*MEMBERS, *COMMON, *COMMON]), unique=True).flatmap(
    lambda names: st.fixed_dictionaries(
        {"MD5": member("MD5"), **{name: member(name) for name in names}}
    )
)


def read(path: Path) -> tuple[list[Any], dict[str, int]]:
    with open_reader(path, format="vics") as reader:
        return list(reader), dict(reader.warnings)


@settings(deadline=None, derandomize=True, max_examples=400)
@given(
    kinds=st.lists(records, min_size=1, max_size=4),
    order=st.lists(st.integers(0, 3), min_size=2, max_size=10),
)
def test_both_ways_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[dict[str, Any]], order: list[int]
) -> None:
    path = tmp_path_factory.mktemp("vics") / "list.json"
    # What was met once is known the second time.
    value = [kinds[number % len(kinds)] for number in order]
    path.write_text(json.dumps({"@odata.context": CONTEXT, "value": value}))
    found = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainRecords, "record", lambda *_: None)
        assert read(path) == found


def test_the_common_record_goes_the_short_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the test above would compare one way with itself."""
    short: list[Any] = []
    record = PlainRecords.record

    def counted(self: PlainRecords, *args: Any) -> Any:
        short.append(record(self, *args))
        return short[-1]

    monkeypatch.setattr(PlainRecords, "record", counted)
    names = [name for name in COMMON if name not in ("Category", "PhotoDNA")]
    value = [{**{name: MEMBERS[name][0] for name in names}, "Category": c} for c in (1, 1, 2, 1)]
    path = tmp_path / "list.json"
    path.write_text(json.dumps({"@odata.context": CONTEXT, "value": value}))
    items, _ = read(path)
    assert len(items) == 4
    # The first of each category taught what it means.
    assert [found is not None for found in short] == [False, True, False, True]
