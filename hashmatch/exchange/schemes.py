"""Category schemes as data: what a list's own code means, by format, context and code.

The same integer means different things in different eras and countries, so the tables are TOML
files that an operator can replace without a new build (``load_schemes``). A code that no table
maps is ``Label.UNCATEGORIZED``: it still alerts, and no meaning is invented for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from os import PathLike
from pathlib import Path

from hashmatch.errors import InputError
from hashmatch.exchange.labels import LabelRules
from hashmatch.facts import NO_FACTS, Facts
from hashmatch.types import Label

NO_MEANING = "category without a meaning in its scheme"
"""Warning for a code that no table maps."""
UNMAPPED = "unmapped"
"""Scheme id of an opinion whose list no table matches. It maps nothing."""

_WHOLE = re.compile(r"([+-]?[0-9]{1,9})(?:\.0*)?").fullmatch
_MAX_CACHED = 4096


@dataclass(frozen=True, slots=True)
class Scheme:
    """One category scheme.

    Attributes:
        id: what ``scheme=`` takes.
        title: one line for a person.
        codes: normalised code (see ``normal_code``) to label.
        format: applies to lists of this exact format only; None for any.
        context: applies where this is found in the list's context; None for any.
        categories: applies to records with one of these codes only; None for any.
        automatic: whether it may be chosen without ``scheme=``: it has a ``match``.
        facts: normalised code to what it says of what is depicted, where it says that much.
    """

    id: str
    title: str
    codes: Mapping[str, Label]
    format: str | None
    context: re.Pattern[str] | None
    categories: frozenset[str] | None
    automatic: bool
    facts: Mapping[str, Facts] = field(default_factory=dict)

    def claims(self, format: str, context: str) -> bool:
        """Whether the list is of this scheme, its records' codes aside."""
        return (
            self.automatic
            and self.format in (None, format)
            and (self.context is None or self.context.search(context) is not None)
        )

    def code_of(self, label: Label, facts: Facts) -> str | None:
        """The whole-number code that says this best; None where there is none.

        A code fits if all that it says of what is depicted is so; of several the one that says
        most, and never one that means less than the label. Without any, it is the smallest that
        has the label.
        """
        known = facts.to_dict().items()
        codes = sorted((code for code in self.codes if _WHOLE(code)), key=int)
        fitting = [
            code
            for code in codes
            if code in self.facts
            and self.facts[code].to_dict().items() <= known
            and self.codes[code].severity >= label.severity
        ]
        if fitting:
            return max(fitting, key=lambda code: len(self.facts[code].to_dict()))
        return next((code for code in codes if self.codes[code] is label), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scheme says about one code; ``known`` is False where the table lacks the code."""

    scheme: str
    label: Label
    facts: Facts = NO_FACTS
    known: bool = True


class Classifier:
    """The schemes of one list, most specific first. Made by ``Schemes.classifier``."""

    def __init__(self, candidates: tuple[Scheme, ...]) -> None:
        self._candidates = candidates
        self._known: dict[str | None, Verdict] = {}
        self.default_id = next((s.id for s in candidates if s.categories is None), UNMAPPED)

    def classify(self, raw: str | None) -> Verdict:
        """The verdict on a list's own code; None where the record has none."""
        try:
            return self._known[raw]
        except KeyError:
            verdict = self._classify(None if raw is None else normal_code(raw))
            if len(self._known) < _MAX_CACHED and len(raw or "") <= 64:
                self._known[raw] = verdict
            return verdict

    def _classify(self, code: str | None) -> Verdict:
        for scheme in self._candidates:
            if scheme.categories is None or code in scheme.categories:
                if code is None:
                    return Verdict(scheme.id, Label.UNCATEGORIZED)
                label = scheme.codes.get(code, Label.UNCATEGORIZED)
                facts = scheme.facts.get(code, NO_FACTS)
                return Verdict(scheme.id, label, facts, known=code in scheme.codes)
        return Verdict(UNMAPPED, Label.UNCATEGORIZED, known=code is None)


@dataclass(frozen=True, slots=True)
class Schemes:
    """Category schemes in order: the first that matches a record is the record's.

    Attributes:
        all: the schemes.
        labels: what facts are called.
    """

    all: tuple[Scheme, ...]
    labels: LabelRules

    @property
    def ids(self) -> list[str]:
        return [scheme.id for scheme in self.all]

    def __iter__(self) -> Iterator[Scheme]:
        return iter(self.all)

    def get(self, id: str) -> Scheme:
        """Raises InputError, which lists the ids, where there is none of that id."""
        for scheme in self.all:
            if scheme.id == id:
                return scheme
        raise InputError(f"scheme: expected one of {', '.join(self.ids)}, got {id!r}")

    def classifier(self, format: str, context: str, forced: str | None = None) -> Classifier:
        """The schemes that apply to a list; with ``forced``, that one alone.

        Raises:
            InputError: ``forced`` is no id.
        """
        if forced is None:
            return Classifier(tuple(s for s in self.all if s.claims(format, context)))
        return Classifier((_for_every_record(self.get(forced)),))


def normal_code(raw: str) -> str:
    """The form in which tables hold a code: ``" 01.0 "`` is "1", "Yes" is "yes"."""
    text = raw.strip().casefold()
    whole = _WHOLE(text)
    return str(int(whole[1])) if whole else text


def load_schemes(path: str | PathLike[str] | None = None) -> Schemes:
    """Read category schemes.

    Args:
        path: a TOML file, or a directory whose ``*.toml`` are read in the order of their names;
            None for the built-in tables. What is read replaces the built-in schemes, and the
            built-in rules for labels if it has any itself.

    Raises:
        InputError: a file can't be read, or is no valid table; the message names file, scheme
            and key.
    """
    return _builtin() if path is None else _load(Path(path), _builtin().labels)


@cache
def _builtin() -> Schemes:
    return _load(Path(__file__).parent / "schemes", LabelRules(()))


def _load(path: Path, labels: LabelRules) -> Schemes:
    from hashmatch.exchange.scheme_files import read_scheme_files

    return read_scheme_files(path, labels)


def _for_every_record(scheme: Scheme) -> Scheme:
    return replace(scheme, format=None, context=None, categories=None, automatic=True)
