"""Values of VICS members that are no digests and no flags: kinds of media, lists, Baseline."""

from __future__ import annotations

from typing import Any

from hashmatch.exchange.fields import FieldReader
from hashmatch.types import MediaKind

BASELINE_TAGS = {"interpol-baseline:yes": True, "interpol-baseline:no": False}
"""How a Baseline travels in VICS, which has no member for it."""

_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO}
_NO_KIND = frozenset(("application/octet-stream",))


def kind_of(mime: str) -> tuple[MediaKind, str | None]:
    """("image/jpeg") is a MIME type; the coarse words "image", "video" are only a kind."""
    text = mime.strip().lower()
    if not text:
        return MediaKind.UNKNOWN, None
    major, slash, _ = text.partition("/")
    if text in _NO_KIND:
        return MediaKind.UNKNOWN, text
    return _KINDS.get(major, MediaKind.OTHER), text if slash else None


def without_baseline(tags: tuple[str, ...]) -> tuple[frozenset[bool], tuple[str, ...]]:
    """Take the baseline tags out; of two that contradict, the alarm counts."""
    words = {tag: tag.lower().removeprefix("#") for tag in tags}
    answers = frozenset(BASELINE_TAGS[word] for word in words.values() if word in BASELINE_TAGS)
    return answers, tuple(tag for tag, word in words.items() if word not in BASELINE_TAGS)


def split_list(text: str) -> tuple[str, ...]:
    """Items of a comma-separated text, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def read_list(field: str, value: Any, fields: FieldReader) -> tuple[str, ...]:
    """Items of a list, or of an object with a Name."""
    if value is None:
        return ()
    if not isinstance(value, (list, dict)):
        fields.refuse(field, "list type", value)
        return ()
    items: dict[str, None] = {}
    for part in value if isinstance(value, list) else [value]:
        name = part.get("Name") if isinstance(part, dict) else part
        if isinstance(name, str):
            if name.strip():
                items[name.strip()] = None
        elif name is not None:
            fields.refuse(field, "list item type", name)
    return tuple(items)
