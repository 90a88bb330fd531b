"""Distributions as bars: counted while the streams pass, drawn at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hashmatch.report.model import Group, MatchEntry, ReportModel, TriageClass
from hashmatch.report.words import CLASS_TITLES

LEFT, FULL, ROW = 160, 180, 24
"""Where bars begin, how long the longest is, and the height of a row, in SVG's units."""
WIDTH = LEFT + FULL + 70
"""Of a chart: behind the longest bar its number has room."""
_SIZES = ((2, "2"), (3, "3"), (5, "4 to 5"), (10, "6 to 10"), (100, "11 to 100"))
_BITS = (
    (0, "0"),
    (4, "1 to 4"),
    (8, "5 to 8"),
    (12, "9 to 12"),
    (20, "13 to 20"),
    (31, "21 to 31"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what is counted, how often, its place and its length."""

    label: str
    count: int
    top: int
    width: int


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart; ``words`` says in a sentence what it shows."""

    id: str
    title: str
    words: str
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        return ROW * len(self.bars) + 8


def chart_of(id: str, title: str, counts: dict[str, int]) -> Chart:
    """Bars in the order of ``counts``; the longest is of the largest count."""
    most = max(counts.values(), default=0)
    bars = tuple(
        # At least a sliver, where there is one of a million.
        Bar(label, count, 4 + ROW * place, max(2, round(FULL * count / most)) if count else 0)
        for place, (label, count) in enumerate(counts.items())
    )
    words = ", ".join(f"{label}: {count:,}" for label, count in counts.items())
    return Chart(id, title, f"{words}.", bars)


class Distributions:
    """Counts of what passed."""

    def __init__(self) -> None:
        self._sizes: Counter[str] = Counter()
        self._diameters: Counter[str] = Counter()
        self._matches: Counter[str] = Counter()

    def add_group(self, group: Group) -> None:
        self._sizes[_binned(group.n_files, _SIZES, "over 100")] += 1
        if group.diameter is not None:
            self._diameters[_binned(group.diameter, _BITS, "over 31")] += 1

    def add_match(self, match: MatchEntry) -> None:
        if match.algorithm == "pdq":
            self._matches[_binned(match.distance, _BITS, "over 31")] += 1

    def charts(self, model: ReportModel) -> list[Chart]:
        """Those that have something to show."""
        files = {count.triage: count.files for count in model.classes}
        classes = {CLASS_TITLES[triage]: files[triage] for triage in TriageClass if triage in files}
        sizes = [name for _, name in _SIZES] + ["over 100"]
        bits = [name for _, name in _BITS] + ["over 31"]
        made = [
            chart_of("chart-classes", "Files by class", classes),
            chart_of("chart-sizes", "Groups by their number of files", _all(self._sizes, sizes)),
            chart_of("chart-diameters", "Groups by diameter in bits", _all(self._diameters, bits)),
            chart_of("chart-matches", "Matches by PDQ distance in bits", _all(self._matches, bits)),
        ]
        return [chart for chart in made if any(bar.count for bar in chart.bars)]


def _binned(value: int, bins: tuple[tuple[int, str], ...], beyond: str) -> str:
    return next((name for most, name in bins if value <= most), beyond)


def _all(counts: Counter[str], names: list[str]) -> dict[str, int]:
    return {name: counts[name] for name in names}
