"""One vPDQ feature to a hash with its place in the video, from each of the three layouts."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.pdq_value import read_pdq
from hashmatch.types import HashValue

MAX_FEATURES = 250_000
"""Features of one video, good and refused: two hours at thirty a second."""
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,18})?(?:[eE][+-]?[0-9]{1,3})?").fullmatch
_MAX_SECONDS = 1e9
MAX_FRAME = 2**31 - 1


def read_feature(
    fields: FieldReader, *, value: Any, quality: Any, time: Any, frame: Any = None
) -> HashValue | None:
    """A feature, or None where it was refused as a whole: without hash it is nothing.

    A refused quality, time or frame number is a refused field; the hash stands without it.
    """
    number = fields.whole_number("quality", quality)
    if number is not None and number > 100:
        fields.refuse("quality", "quality over 100", quality)
        number = None
    found = read_pdq(fields, "hash", value, number)
    if found is None:
        if not fields.rejects or fields.rejects[-1].field != "hash":
            fields.refuse("hash", "no usable hash", value)
        return None
    index = fields.whole_number("frame", frame)
    if index is not None and index > MAX_FRAME:
        fields.refuse("frame", "number range", frame)
        index = None
    return replace(found, frame=index, time_s=_seconds(fields, time))


def _seconds(fields: FieldReader, value: Any) -> float | None:
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else str(value)
    seconds = float(text) if not isinstance(value, bool) and _SECONDS(text) else math.inf
    if not seconds <= _MAX_SECONDS:
        fields.refuse("timestamp", "timestamp value", value)
        return None
    return seconds
