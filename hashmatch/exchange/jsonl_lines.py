"""The frame of our own JSONL and the bounds of a line, which writer and reader share."""

from __future__ import annotations

import json
from typing import Any

FORMAT = "jsonl"
HEAD = "hashmatch.list/1"
END = "hashmatch.list.end/1"
_HEAD_START = b'{"schema":"hashmatch.list/'
MADE_FROM = "made from"
"""Name of the fact that says what format the records were first read from."""
MAX_LINE = 32 << 20
MAX_CONTAINERS = 200_000
MAX_VALUES = 600_000
_SMALL = 1 << 20


def looks_like_jsonl(head: bytes) -> bool:
    """The first line is the head line of our format, of whatever version."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(_HEAD_START)


def too_large(line: str | bytes) -> str | None:
    """Why a line is refused before anything is made of it; None where it is not.

    A line of 32 MiB is one video with a hash for every second of five days. What costs memory is
    the number of values in it.
    """
    if len(line) <= _SMALL:
        return None
    if len(line) > MAX_LINE:
        return "record too large"
    if isinstance(line, str):
        containers = line.count("{") + line.count("[")
        values = line.count(",")
    else:
        containers = line.count(b"{") + line.count(b"[")
        values = line.count(b",")
    return "record too large" if containers > MAX_CONTAINERS or values > MAX_VALUES else None


def parse_line(line: bytes) -> dict[str, Any] | str:
    """The object, or the reason why there is none."""
    try:
        value = json.loads(line, object_pairs_hook=_no_member_twice, parse_constant=_no_constant)
    except _MemberTwiceError:
        return "one member twice"
    except RecursionError:
        return "nested too deep"
    except ValueError:
        return "malformed JSON"
    return value if isinstance(value, dict) else "record is no object"


class _MemberTwiceError(ValueError):
    pass


def _no_member_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Which of two values is right can't be known.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _MemberTwiceError
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
