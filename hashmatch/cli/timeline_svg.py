"""A timeline as a picture that shows no frame: bars, times and words. Nothing in it is fetched or
run, and every text is escaped: names of files are hostile."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from hashmatch.cli.output import shown
from hashmatch.cli.timeline_text import placed, stored_length
from hashmatch.fingerprinting import VideoFingerprint
from hashmatch.matching import CheckResult, Match, VideoEvidence, VideoSegment, time_text

_WIDTH, _LEFT, _RIGHT = 960, 90, 20
_BAR = _WIDTH - _LEFT - _RIGHT
_HEAD, _ROW = 60, 150
_LONGEST_NAME = 90
_MOST_IN_WORDS = 20
# Dark on light, and readable without colours: bars have outlines, segments have numbers.
_STYLE = (
    "text{font-family:sans-serif;font-size:13px;fill:#111}"
    ".head{font-size:16px;font-weight:bold}"
    ".bar{fill:#eee;stroke:#444}"
    ".part{fill:#1f5f99;stroke:#0b2f50}"
    ".link{fill:#1f5f99;fill-opacity:0.18;stroke:#1f5f99;stroke-opacity:0.5}"
    ".number{fill:#fff;font-size:11px}"
)


def svg_of(path: str, result: CheckResult) -> str:
    """The whole file, as text."""
    shown_matches = [m for m in result.matches if m.video is not None and m.video.segments]
    made = result.fingerprint
    duration = (made.duration_ms or 0) if isinstance(made, VideoFingerprint) else 0
    height = _HEAD + max(1, len(shown_matches)) * _ROW
    name = shown(path)
    if len(name) > _LONGEST_NAME:
        name = "…" + name[1 - _LONGEST_NAME :]
    title = f"{result.status.value}: {name}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{_text(title)}</title>',
        f'<desc id="desc">{_text(_in_words(shown_matches))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text class="head" x="20" y="30">{_text(title)}</text>',
    ]
    if not shown_matches:
        lines.append(f'<text x="20" y="{_HEAD + 10}">No part of a known video was found.</text>')
    for number, match in enumerate(shown_matches):
        if match.video is not None:
            lines += _match(match, match.video, duration, _HEAD + number * _ROW)
    return "\n".join([*lines, "</svg>", ""])


def _match(match: Match, found: VideoEvidence, duration: int, top: int) -> Iterator[str]:
    sources = ", ".join(match.media.sources)
    label = match.media.label.value if match.media.label else "no label"
    head = f"{match.status.value}: media {match.media.media_id}, {label} ({sources})"
    yield f"<g aria-label={quoteattr(_clean(head))}>"
    yield f'<text x="20" y="{top + 14}">{_text(head[:120])}</text>'
    length = max(duration, *(s.query_to_ms for s in found.segments), 1)
    yield from _bar("query", top + 28, length)
    there = max(stored_length(found), 1) if placed(found.segments) else None
    if there is not None:
        yield from _bar("known video", top + 92, there)
    for number, segment in enumerate(found.segments, start=1):
        yield from _segment(number, segment, top, length, there)
    yield "</g>"


def _bar(name: str, top: int, length: int) -> Iterator[str]:
    yield f'<text x="{_LEFT - 8}" y="{top + 17}" text-anchor="end">{_text(name)}</text>'
    yield f'<rect class="bar" x="{_LEFT}" y="{top}" width="{_BAR}" height="24"/>'
    end = f'x="{_LEFT + _BAR}" y="{top + 38}" text-anchor="end"'
    yield f'<text x="{_LEFT}" y="{top + 38}">{time_text(0)}</text>'
    yield f"<text {end}>{time_text(length)}</text>"


def _segment(
    number: int, segment: VideoSegment, top: int, length: int, there: int | None
) -> Iterator[str]:
    left, right = _x(segment.query_from_ms, length), _x(segment.query_to_ms, length)
    words = f"<title>{_text(segment.describe())}</title>"
    if (
        there is not None
        and segment.stored_from_ms is not None
        and segment.stored_to_ms is not None
    ):
        from_x, to_x = _x(segment.stored_from_ms, there), _x(segment.stored_to_ms, there)
        yield (
            f'<path class="link" d="M{left:.1f} {top + 52}L{right:.1f} {top + 52}'
            f'L{to_x:.1f} {top + 92}L{from_x:.1f} {top + 92}Z"/>'
        )
        yield _part(from_x, to_x, top + 92, words)
    yield _part(left, right, top + 28, words)
    if right - left > 14:
        yield f'<text class="number" x="{left + 3:.1f}" y="{top + 44}">{number}</text>'


def _part(left: float, right: float, top: int, words: str) -> str:
    width = max(right - left, 1.0)
    place = f'x="{left:.1f}" y="{top}" width="{width:.1f}" height="24"'
    return f'<rect class="part" {place}>{words}</rect>'


def _x(ms: int, length: int) -> float:
    return _LEFT + _BAR * min(max(ms / length, 0.0), 1.0)


def _in_words(matches: list[Match]) -> str:
    if not matches:
        return "No part of a known video was found."
    texts = []
    for match in matches:
        segments = match.video.segments if match.video else ()
        parts = "; ".join(one.describe() for one in segments[:_MOST_IN_WORDS])
        more = "" if len(segments) <= _MOST_IN_WORDS else f"; {len(segments)} parts in all"
        texts.append(f"Media {match.media.media_id} ({match.status.value}): {parts}{more}.")
    return " ".join(texts)


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    """What XML may hold: control characters, lone surrogates and the like as their escapes."""
    return shown(text)
