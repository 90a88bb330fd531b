"""What is to be done about a set at a glance: to look at, known, settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hashmatch.report.model import ReportModel, TriageClass

FULL = 600
"""Length of all parts together, in SVG's units."""
_TITLES = {
    "maybe": "Possible, or not examined",
    "new": "Unknown",
    "known": "Known from lists",
    "settled": "Copies, earlier, decided, ignorable",
    "none": "In no class",
}
CLASS_MARKS: Mapping[TriageClass, str] = MappingProxyType(
    {
        triage: "known"
        if triage.known
        else "new"
        if triage is TriageClass.UNKNOWN
        else "maybe"
        if triage.to_look_at
        else "settled"
        for triage in TriageClass
    }
)
"""Name of the colour that a class has in a page."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the bar."""

    mark: str
    title: str
    files: int
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class Share:
    """Attributes:
    saved: files that nobody has to look at, of those that are in a class.
    known: of them, those that lists know.
    percent: the saved ones of those in a class; None where there are none.
    parts: what has no file is left out.
    """

    saved: int
    known: int
    percent: str | None
    parts: tuple[Part, ...]

    @property
    def words(self) -> str:
        return ", ".join(f"{part.title}: {part.files:,}" for part in self.parts) + "."


def share_of(model: ReportModel) -> Share:
    """Of the files of a model."""
    files = dict.fromkeys(_TITLES, 0)
    for count in model.classes:
        files[CLASS_MARKS[count.triage]] += count.files
    files["none"] = model.ledger.seen - model.n_classed
    saved = model.n_classed - model.n_to_look_at
    percent = _percent(saved, model.n_classed) if model.n_classed else None
    return Share(saved, files["known"], percent, _parts(files))


def _parts(files: Mapping[str, int]) -> tuple[Part, ...]:
    made = []
    left = sofar = 0
    total = sum(files.values())
    for mark, count in files.items():
        if count:
            sofar += count
            # Rounded ends: the parts meet, and fill the bar.
            right = round(FULL * sofar / total)
            made.append(Part(mark, _TITLES[mark], count, left, right - left))
            left = right
    return tuple(made)


def _percent(part: int, whole: int) -> str:
    """Never "100 %" of less than all, nor "0 %" of something."""
    tenths = 1000 * part // whole if part < whole else 1000
    return f"{max(tenths, 1 if part else 0) / 10:.1f} %"
