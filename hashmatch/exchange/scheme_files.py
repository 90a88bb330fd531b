"""Reads and checks the TOML files of category schemes; strict, for a typo here mislabels."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from hashmatch.errors import InputError
from hashmatch.exchange.labels import NOT_STATED, LabelRule, LabelRules
from hashmatch.exchange.schemes import UNMAPPED, Scheme, Schemes, normal_code
from hashmatch.facts import WORDS, Facts
from hashmatch.types import Label

T = TypeVar("T")
_SCHEME_KEYS = {"id", "title", "match", "codes"}
_MATCH_KEYS = {"format", "context", "category"}
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*").fullmatch
_LABELS = {label.value: label for label in Label}


def read_scheme_files(path: Path, labels: LabelRules) -> Schemes:
    """The schemes of a file or of a directory's ``*.toml``, in order.

    Args:
        path: the file or directory.
        labels: rules for labels where it has none.

    Raises:
        InputError: unreadable, no TOML, an unknown key or label, an id twice, no scheme at all.
    """
    try:
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        texts = [(file, file.read_text(encoding="utf-8")) for file in files]
    except (OSError, UnicodeError) as error:
        raise InputError(f"schemes: can't read {path}: {error}") from error
    documents = [(file, _parse(file, text)) for file, text in texts]
    rules = [rule for file, document in documents for rule in _rules(document, file)]
    labels = LabelRules(tuple(rules)) if rules else labels
    schemes: list[Scheme] = []
    for file, document in documents:
        for scheme in _schemes(document, file, labels):
            if any(scheme.id == other.id for other in schemes):
                raise InputError(f"{file}: scheme {scheme.id!r}: expected each id once")
            schemes.append(scheme)
    if not schemes:
        raise InputError(f"schemes: expected at least one [[scheme]] in {path}, got none")
    return Schemes(tuple(schemes), labels)


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: expected TOML: {error}") from error
    _only(document, {"scheme", "label"}, str(file))
    return document


def _schemes(document: dict[str, Any], file: Path, labels: LabelRules) -> list[Scheme]:
    tables = _typed(document.get("scheme", []), list, f"{file}: scheme")
    return [
        _scheme(_typed(t, dict, f"{file}: scheme {n}"), file, n, labels)
        for n, t in enumerate(tables)
    ]


def _rules(document: dict[str, Any], file: Path) -> list[LabelRule]:
    rules: list[LabelRule] = []
    for number, given in enumerate(_typed(document.get("label", []), list, f"{file}: label"), 1):
        where = f"{file}: label {number}"
        table = _typed(given, dict, where)
        _only(table, {"label", "when"}, where)
        when = _typed(table.get("when"), dict, f"{where}: when")
        if not when:
            raise InputError(f"{where}: when: expected at least one fact")
        _only(when, set(WORDS), f"{where}: when")
        rules.append(
            LabelRule(
                _label(table.get("label"), f"{where}: label"),
                {name: _words(name, words, f"{where}: when") for name, words in when.items()},
            )
        )
    return rules


def _words(name: str, given: Any, where: str) -> frozenset[Any]:
    words = _typed(given, list, f"{where}: {name}")
    return frozenset(
        None if word == NOT_STATED else getattr(_facts({name: word}, where), name) for word in words
    )


def _facts(table: dict[str, Any], where: str) -> Facts:
    try:
        return Facts.parse(table)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def read_code(value: Any, labels: LabelRules, where: str) -> tuple[Label, Facts]:
    """What a code means: a label, or a table of facts, with a label where the rules' is not meant.

    Raises:
        InputError: an unknown label, fact or word.
    """
    if not isinstance(value, dict):
        return _label(value, where), Facts()
    facts = _facts({name: word for name, word in value.items() if name != "label"}, where)
    if "label" in value:
        return _label(value["label"], f"{where}: label"), facts
    return labels.label(facts), facts


def _scheme(table: dict[str, Any], file: Path, number: int, labels: LabelRules) -> Scheme:
    id = _typed(table.get("id"), str, f"{file}: scheme {number + 1}: id")
    where = f"{file}: scheme {id!r}"
    if not _ID(id) or id == UNMAPPED:
        raise InputError(
            f"{where}: id: expected lower-case letters, digits, dots, dashes; not {UNMAPPED!r}"
        )
    _only(table, _SCHEME_KEYS, where)
    match = _typed(table.get("match", {}), dict, f"{where}: match")
    _only(match, _MATCH_KEYS, f"{where}: match")
    if "match" in table and not match:
        raise InputError(f"{where}: match: expected at least one of {_names(_MATCH_KEYS)}")
    codes = {
        _code(code): read_code(value, labels, f"{where}: codes: {code}")
        for code, value in _typed(table.get("codes"), dict, f"{where}: codes").items()
    }
    return Scheme(
        id=id,
        title=_typed(table.get("title", ""), str, f"{where}: title"),
        codes={code: label for code, (label, _) in codes.items()},
        format=_optional_text(match, "format", where),
        context=_pattern(_optional_text(match, "context", where), where),
        categories=_categories(match, where),
        automatic=bool(match),
        facts={code: facts for code, (_, facts) in codes.items() if facts},
    )


def _code(code: Any) -> str:
    return normal_code(str(code))


def _label(value: Any, where: str) -> Label:
    name = _typed(value, str, where)
    if name not in _LABELS:
        raise InputError(f"{where}: expected one of {', '.join(_LABELS)}, got {name!r}")
    return _LABELS[name]


def _optional_text(match: dict[str, Any], key: str, where: str) -> str | None:
    return _typed(match[key], str, f"{where}: match: {key}") if key in match else None


def _pattern(text: str | None, where: str) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise InputError(f"{where}: match: context: {text!r}: {error}") from error


def _categories(match: dict[str, Any], where: str) -> frozenset[str] | None:
    if "category" not in match:
        return None
    values = _typed(match["category"], list, f"{where}: match: category")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise InputError(f"{where}: match: category: expected codes, got {value!r}")
    return frozenset(_code(value) for value in values)


def _only(table: dict[str, Any], allowed: set[str], where: str) -> None:
    unknown = sorted(set(table) - allowed)
    if unknown:
        raise InputError(f"{where}: expected only {_names(allowed)}, got {', '.join(unknown)}")


def _typed(value: Any, kind: type[T], where: str) -> T:
    if not isinstance(value, kind):
        got = "nothing" if value is None else repr(value)
        raise InputError(f"{where}: expected {kind.__name__}, got {got}")
    return value


def _names(names: set[str]) -> str:
    return ", ".join(sorted(names))
