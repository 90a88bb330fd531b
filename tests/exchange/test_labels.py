"""Independent facts to labels, by a table; and facts to the codes of a scheme and back."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from hashmatch.errors import InputError
from hashmatch.exchange import load_schemes, open_reader, write_list
from hashmatch.facts import NO_FACTS, Act, Age, Facts, Nature, Sex
from hashmatch.types import Digests, HashRecord, Label, Opinion

MD5 = "477dab6fc5dff588410cd697abd3d3e2"
CHILD = (Age.INFANT, Age.PREPUBESCENT, Age.PUBESCENT)
ABUSE = (Act.SADISM_OR_ANIMAL, Act.PENETRATIVE, Act.SEXUAL_ACT, Act.NON_PENETRATIVE, Act.EXHIBITION)
LOOKS_REAL = (None, Nature.REAL, Nature.AI_GENERATED)
OWN = """
[[label]]
label = "csam"
when = { age = ["pubescent"], act = ["exploitive", "unknown"] }

[[scheme]]
id = "own"
match = { format = "vics-2.0" }
[scheme.codes]
1 = { age = "pubescent", act = "exploitive" }
2 = { age = "pubescent", sex = "female", act = "exploitive" }
3 = { age = "adult", label = "comparison" }
4 = "csam"
"""


def label(**facts: Any) -> Label:
    return load_schemes().labels.label(Facts(**facts))


@pytest.mark.parametrize(("nature", "age", "act"), [*product(LOOKS_REAL, CHILD, ABUSE)])
def test_abuse_of_a_child_that_looks_real(nature: Any, age: Any, act: Any) -> None:
    assert label(nature=nature, age=age, act=act) is Label.CSAM


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"nature": Nature.DRAWN, "age": Age.INFANT, "act": Act.PENETRATIVE}, Label.CGI),
        ({"nature": Nature.CGI, "age": Age.DIFFICULT}, Label.CGI),
        ({"age": Age.PUBESCENT, "act": Act.EXPLOITIVE}, Label.EXPLOITIVE),
        ({"age": Age.DIFFICULT, "act": Act.PENETRATIVE}, Label.EXPLOITIVE),
        ({"age": Age.DIFFICULT}, Label.EXPLOITIVE),
        ({"age": Age.ADULT, "act": Act.PENETRATIVE}, Label.NON_PERTINENT),
        ({"age": Age.INFANT, "act": Act.NONE}, Label.NON_PERTINENT),
        ({"age": Age.INFANT}, Label.UNCATEGORIZED),
        ({"act": Act.PENETRATIVE}, Label.UNCATEGORIZED),
        ({"sex": Sex.FEMALE}, Label.UNCATEGORIZED),
        ({}, Label.UNCATEGORIZED),
    ],
)
def test_others(facts: dict[str, Any], expected: Label) -> None:
    assert label(**facts) is expected


def test_no_combination_that_could_be_a_child_is_called_harmless() -> None:
    for nature, age, sex, act in product((None, *Nature), (None, *Age), (None, *Sex), (None, *Act)):
        if age is not Age.ADULT and act not in (Act.NONE, None):
            assert label(nature=nature, age=age, sex=sex, act=act) is not Label.NON_PERTINENT


def test_ncmec_codes_say_facts() -> None:
    verdict = load_schemes().classifier("ncmec-v2", "").classify("A1")
    assert verdict.label is Label.CSAM
    assert verdict.facts == Facts(age=Age.PREPUBESCENT, act=Act.SEXUAL_ACT)


@pytest.fixture
def own(tmp_path: Path) -> Any:
    (tmp_path / "own.toml").write_text(OWN)
    return load_schemes(tmp_path / "own.toml")


def test_rules_and_codes_of_an_operator(own: Any) -> None:
    classifier = own.classifier("vics-2.0", "")
    found = {code: classifier.classify(code) for code in "12345"}
    assert {code: verdict.label for code, verdict in found.items()} == {
        "1": Label.CSAM,
        "2": Label.CSAM,
        "3": Label.COMPARISON,
        "4": Label.CSAM,
        "5": Label.UNCATEGORIZED,
    }
    assert found["2"].facts == Facts(None, Age.PUBESCENT, Sex.FEMALE, Act.EXPLOITIVE)
    assert found["4"].facts == NO_FACTS
    assert [verdict.known for verdict in found.values()] == [True] * 4 + [False]


def test_schemes_without_rules_keep_the_built_in_ones(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[scheme]]\nid = "own"\n[scheme.codes]\n1 = { age = "adult" }\n')
    assert load_schemes(path).get("own").codes == {"1": Label.NON_PERTINENT}


@pytest.mark.parametrize(
    ("facts", "label", "code"),
    [
        (Facts(age=Age.PUBESCENT, act=Act.EXPLOITIVE), Label.CSAM, "1"),
        (Facts(age=Age.PUBESCENT, sex=Sex.MALE, act=Act.EXPLOITIVE), Label.CSAM, "1"),
        (Facts(age=Age.PUBESCENT, sex=Sex.FEMALE, act=Act.EXPLOITIVE), Label.CSAM, "2"),
        (Facts(age=Age.INFANT, act=Act.PENETRATIVE), Label.CSAM, "1"),
        (Facts(age=Age.ADULT), Label.NON_PERTINENT, "3"),
        (NO_FACTS, Label.COMPARISON, "3"),
        (NO_FACTS, Label.NON_PERTINENT, None),
    ],
)
def test_the_code_that_says_it_best(own: Any, facts: Facts, label: Label, code: Any) -> None:
    assert own.get("own").code_of(label, facts) == code


def test_a_written_list_has_the_code_and_gives_the_facts_back(own: Any, tmp_path: Path) -> None:
    facts = Facts(None, Age.PUBESCENT, Sex.FEMALE, Act.EXPLOITIVE)
    record = HashRecord("k", 1, Digests(MD5), Opinion("other", "x", Label.CSAM, facts=facts))
    write_list([record], tmp_path / "list.json", schemes=own)
    with open_reader(tmp_path / "list.json", schemes=own) as reader:
        (found,) = reader
    assert isinstance(found, HashRecord)
    assert (found.opinion.raw_category, found.opinion.facts) == ("2", facts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[label]]\nwhen = { age = ["infant"] }', "label 1: label: expected str, got nothing"),
        ('[[label]]\nlabel = "csam"', "label 1: when: expected dict, got nothing"),
        ('[[label]]\nlabel = "csam"\nwhen = {}', "when: expected at least one fact"),
        ('[[label]]\nlabel = "bad"\nwhen = { age = ["infant"] }', "expected one of csam"),
        ('[[label]]\nlabel = "csam"\nwhen = { hair = ["red"] }', "expected only act, age"),
        ('[[label]]\nlabel = "csam"\nwhen = { age = ["old"] }', "age: expected one of infant"),
        ('[[label]]\nlabel = "csam"\nwhen = { age = "infant" }', "age: expected list"),
        ('[[label]]\nlabel = "csam"\nx = 1', "expected only label, when, got x"),
    ],
)
def test_a_mistake_in_a_rule_is_told(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'[[scheme]]\nid = "own"\ncodes = {{ 1 = "csam" }}\n{text}\n')
    with pytest.raises(InputError, match=message):
        load_schemes(path)


@pytest.mark.parametrize(
    "code",
    ['{ age = "old" }', '{ hair = "red" }', '{ label = "bad" }', "3", '{ age = ["infant"] }'],
)
def test_a_mistake_in_a_code_is_told(code: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'[[scheme]]\nid = "own"\n[scheme.codes]\n1 = {code}\n')
    with pytest.raises(InputError, match=r"scheme 'own': codes: 1"):
        load_schemes(path)
