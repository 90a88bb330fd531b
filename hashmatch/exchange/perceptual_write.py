"""Writers of PDQ text and of vPDQ features, in the layouts of PDQ's own tools.

Source: facebook/ThreatExchange, pdq/cpp (``hash,quality,name``), vpdq/cpp (text) and
python-threatexchange (JSON).
"""

from __future__ import annotations

import json
from os import PathLike

from hashmatch.errors import InputError
from hashmatch.exchange.one_video import OneVideoWriter
from hashmatch.exchange.sorted_lines import SortedLinesWriter
from hashmatch.types import HashRecord, HashValue

_WEAKER = "digests and category are not in this format"


class PdqTextWriter(SortedLinesWriter):
    """One PDQ hash a line, ``hash,quality,``, or ``hash`` alone where no quality is known.

    A record with several PDQ hashes has several lines, one without has none and is counted as
    rejected. Order and errors: ``SortedLinesWriter``.
    """

    def _encode(self, record: HashRecord) -> tuple[list[str], str | None] | str:
        lines = [_line(item) for item in record.hashes if item.algorithm == "pdq"]
        if not lines:
            return "no PDQ hash"
        return lines, _WEAKER if record.digests else None


def _line(item: HashValue) -> str:
    # The trailing comma keeps the quality a quality: "hash,100" alone would be hash and remark.
    return item.hex if item.quality is None else f"{item.hex},{item.quality},"


class VpdqWriter(OneVideoWriter):
    """The features of one video, in the order in which the record has them.

    A feature without quality or time is left out, which the ledger notes, as it notes times that
    text rounds to milliseconds and frame numbers that are given in order where none are known.

    Args:
        path: where the file appears.
        layout: "vpdq-text" or "vpdq-json".
        overwrite: whether an existing file is replaced.
    """

    def __init__(
        self, path: str | PathLike[str], *, layout: str = "vpdq-text", overwrite: bool = False
    ) -> None:
        if layout not in ("vpdq-text", "vpdq-json"):
            raise InputError(f"layout: expected vpdq-text or vpdq-json, got {layout!r}")
        super().__init__(path, "PDQ hashes of frames", overwrite=overwrite)
        self._is_text = layout == "vpdq-text"

    def _encode(self, record: HashRecord) -> tuple[bytes, str | None] | str:
        features = [item for item in record.hashes if item.algorithm == "pdq"]
        whole = [f for f in features if f.quality is not None and f.time_s is not None]
        if not whole:
            return "no PDQ hash of a frame" if not features else "frames without quality or time"
        notes = []
        if len(whole) < len(features):
            notes.append("features without quality or time left out")
        if self._is_text:
            data = _as_text(whole, notes)
        else:
            if any(f.frame is not None for f in whole):
                notes.append("frame numbers are not in this format")
            data = _as_json(whole)
        return data, "; ".join(notes) or None


def _as_text(features: list[HashValue], notes: list[str]) -> bytes:
    numbered = all(f.frame is not None for f in features)
    if not numbered:
        notes.append("frame numbers given in order")
    if any(f.time_s is not None and round(f.time_s, 3) != f.time_s for f in features):
        notes.append("times rounded to milliseconds")
    lines = [
        f"{f.frame if numbered else order},{f.quality},{f.hex},{f.time_s:.3f}\n"
        for order, f in enumerate(features)
    ]
    return "".join(lines).encode()


def _as_json(features: list[HashValue]) -> bytes:
    texts = [f"{f.hex},{f.quality},{f.time_s!r}" for f in features]
    return json.dumps(texts, separators=(",", ":")).encode() + b"\n"
