"""Category schemes: which one a list gets, and that a wrong table is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import InputError
from hashmatch.exchange import load_schemes, open_reader
from hashmatch.types import Label

MODEL_2 = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{}/$metadata#Media"
MODEL_1 = "http://github.com/ICMEC/ProjectVic/DataModels/{}.xml#{}"
GOOD = '[[scheme]]\nid = "mine"\nmatch = { context = "x" }\ncodes = { 1 = "csam" }\n'


@pytest.mark.parametrize(
    ("context", "code", "scheme", "label"),
    [
        (MODEL_2.format("US"), "0", "vics-us-current", Label.NON_PERTINENT),
        (MODEL_2.format("default"), "1", "vics-us-current", Label.CSAM),
        (MODEL_2.format("UK"), "1", "vics-2.0-unknown-region", Label.UNCATEGORIZED),
        (MODEL_2.format("UK"), "8", "vics-2.0-unknown-region", Label.UNCATEGORIZED),
        (MODEL_2.format("CUSTOM"), "0", "vics-2.0-unknown-region", Label.UNCATEGORIZED),
        (MODEL_2.format("USA"), "1", "vics-2.0-unknown-region", Label.UNCATEGORIZED),
        (MODEL_1.format("1.2", "Media"), "8", "nist-caid-known", Label.KNOWN_IGNORABLE),
        (MODEL_1.format("1.2", "Media"), "1", "vics-1x-unknown-era", Label.CSAM),
        (MODEL_1.format("1.2", "Cases"), "8", "vics-1x-unknown-era", Label.UNCATEGORIZED),
        (MODEL_1.format("1.3", "Media"), "8", "vics-1x-unknown-era", Label.UNCATEGORIZED),
        (MODEL_1.format("1.3", "Media"), "0", "vics-1x-unknown-era", Label.UNCATEGORIZED),
        (MODEL_1.format("1.0", "Media"), "5", "vics-1x-unknown-era", Label.UNCATEGORIZED),
        (MODEL_1.format("1.1", "Media"), "3", "vics-1x-unknown-era", Label.CGI),
        (MODEL_1.format("3.0", "Media"), "1", "unmapped", Label.UNCATEGORIZED),
        ("", "1", "unmapped", Label.UNCATEGORIZED),
    ],
)
def test_built_in_choice(context: str, code: str, scheme: str, label: Label) -> None:
    verdict = load_schemes().classifier("vics", context).classify(code)
    assert (verdict.scheme, verdict.label) == (scheme, label)


def test_built_in_ids_and_order() -> None:
    ids = load_schemes().ids
    assert set(ids) == {
        "icse-baseline",
        "nist-caid-known",
        "vics-us-current",
        "vics-2.0-unknown-region",
        "vics-1x-unknown-era",
        "vics-us-legacy",
        "ncmec-a1-b2",
        "arachnid-shield",
        "threatexchange-status",
        "stopncii-status",
        "case-uco-label",
        "nsrl-known",
        "c4p-unknown-era",
    }
    assert ids.index("nist-caid-known") < ids.index("vics-1x-unknown-era")
    assert ids.index("vics-us-current") < ids.index("vics-2.0-unknown-region")


def test_legacy_only_when_asked_for() -> None:
    schemes = load_schemes()
    contexts = [MODEL_2.format("US"), MODEL_1.format("1.1", "Media"), ""]
    for context in contexts:
        for code in ("0", "5", "1", None):
            verdict = schemes.classifier("vics-1.1", context).classify(code)
            assert verdict.scheme != "vics-us-legacy"
    forced = schemes.classifier("vics-1.1", contexts[1], "vics-us-legacy")
    assert forced.default_id == "vics-us-legacy"
    assert forced.classify("5").label is Label.NON_PERTINENT


def test_forced_scheme_reads_records_that_its_own_match_would_not(read: Any, hash_set: Any) -> None:
    found = read(hash_set({"MD5": "12" * 16, "Category": 8}), scheme="nist-caid-known")
    assert found.info.scheme == "nist-caid-known"
    assert found.records[0].opinion.label is Label.KNOWN_IGNORABLE


def test_unknown_id_lists_the_ids(golden: Path) -> None:
    with pytest.raises(InputError, match=r"scheme: expected one of .*vics-us-legacy.*, got 'nope'"):
        open_reader(golden / "vics_2_0_full.json", scheme="nope")


def test_an_operator_replaces_the_tables(tmp_path: Path, read: Any, hash_set: Any) -> None:
    (tmp_path / "b.toml").write_text(
        '[[scheme]]\nid = "late"\nmatch = { format = "vics-2.0" }\ncodes = { 1 = "cgi" }\n'
    )
    (tmp_path / "a.toml").write_text(
        '[[scheme]]\nid = "early"\ntitle = "Ours"\n'
        'match = { context = "/UK/", category = [7, "A"] }\ncodes = { 07 = "csam", a = "csam" }\n'
    )
    schemes = load_schemes(tmp_path)
    assert schemes.ids == ["early", "late"]
    media = [{"MD5": f"{n}2" * 16, "Category": code} for n, code in enumerate((7, "a", 1, 2))]
    found = read(hash_set(*media, context=MODEL_2.format("UK")), schemes=schemes)
    assert [(r.opinion.scheme, r.opinion.label) for r in found.records] == [
        ("early", Label.CSAM),
        ("early", Label.CSAM),
        ("late", Label.CGI),
        ("late", Label.UNCATEGORIZED),
    ]
    assert load_schemes(tmp_path / "b.toml").ids == ["late"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"at least one \[\[scheme\]\]"),
        ("x = 1", "expected only label, scheme, got x"),
        ("[[scheme", "expected TOML"),
        ("scheme = 1", "expected list, got 1"),
        ("scheme = [1]", "expected dict, got 1"),
        (GOOD + GOOD, "'mine': expected each id once"),
        (GOOD.replace('"mine"', "5"), "id: expected str, got 5"),
        (GOOD.replace('id = "mine"', ""), "id: expected str, got nothing"),
        (GOOD.replace("mine", "Mine!"), "'Mine!': id: expected lower-case"),
        (GOOD.replace("mine", "unmapped"), "not 'unmapped'"),
        (GOOD.replace("codes", "code"), "expected only .*, got code"),
        (GOOD.replace("context", "contxt"), "match: expected only .*, got contxt"),
        (GOOD.replace('"x"', '"("'), r"match: context: '\('"),
        (GOOD.replace('"x"', "1"), "match: context: expected str, got 1"),
        (GOOD.replace('{ context = "x" }', "{}"), "match: expected at least one of"),
        (GOOD.replace("csam", "CSAM"), "codes: 1: expected one of csam, .*got 'CSAM'"),
        (GOOD.replace('"csam"', "true"), "codes: 1: expected str, got True"),
        (GOOD.replace('context = "x"', "category = 8"), "category: expected list, got 8"),
        (GOOD.replace('context = "x"', "category = [true]"), "expected codes, got True"),
        (GOOD.replace('codes = { 1 = "csam" }', ""), "codes: expected dict, got nothing"),
    ],
)
def test_wrong_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "schemes.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_schemes(path)


def test_tables_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't read"):
        load_schemes(tmp_path / "missing.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="can't read"):
        load_schemes(tmp_path)
