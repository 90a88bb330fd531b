"""One fingerprint from its JSON form, the keys of ``ImageFingerprint.to_dict`` or a video's."""

from __future__ import annotations

import json
from typing import Any

from hashmatch.fingerprinting.listing_values import (
    parse_orientations,
    parse_quality,
    read_count,
    read_text,
    read_texts,
    require_hash,
)
from hashmatch.fingerprinting.listing_video import VIDEO_SCHEMA, read_video_record
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.video_model import VideoFingerprint
from hashmatch.types import Digests, HashValue, MediaKind

SCHEMA = "hashmatch.hash/1"
LEDGER_SCHEMA = "hashmatch.ledger/1"


def read_json_record(text: str) -> ImageFingerprint | VideoFingerprint | None:
    """The fingerprint in one JSON object; None for the ledger that closes a list.

    Raises:
        ValueError, TypeError, KeyError, AttributeError, RecursionError, HashmatchError: it is
            something else; a caller that reads lists takes all of them for a bad record.
    """
    values = json.loads(text)
    schema = values.get("schema")
    if schema == LEDGER_SCHEMA:
        return None
    if schema == VIDEO_SCHEMA:
        return read_video_record(values)
    if schema != SCHEMA:
        raise ValueError(f"schema: expected {SCHEMA}, got {schema!r}")
    hashes = _hashes(values["hashes"])
    return require_hash(
        ImageFingerprint(
            status=FingerprintStatus(values["status"]),
            reason=read_text(values, "reason"),
            name=read_text(values, "name"),
            size=read_count(values, "size"),
            digests=Digests.parse(**{name: values[name] for name in ("md5", "sha1", "sha256")}),
            kind=MediaKind(values["kind"]),
            mime=read_text(values, "mime"),
            width=read_count(values, "width"),
            height=read_count(values, "height"),
            stored_mode=read_text(values, "stored_mode"),
            orientation=read_count(values, "orientation"),
            frames=read_count(values, "frames"),
            fraction=_fraction(values["fraction"]),
            decode=read_text(values, "decode"),
            hashes=hashes,
            dihedral={
                name: parse_orientations(texts, hashes[name])
                for name, texts in values["dihedral"].items()
            },
            later_frames=_frames(values["later_frames"]),
            made_with=read_texts(values, "made_with"),
        )
    )


def _hashes(values: dict[str, Any]) -> dict[str, HashValue]:
    return {
        name: HashValue.from_hex(name, value["hex"], parse_quality(value["quality"]))
        for name, value in values.items()
    }


def _frames(values: object) -> tuple[dict[str, HashValue], ...]:
    if not isinstance(values, list):
        raise ValueError(f"later_frames: expected a list, got {type(values).__name__}")
    return tuple(_hashes(frame) for frame in values)


def _fraction(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"fraction: expected 0..1 or null, got {str(value)[:80]!r}")
    return float(value)
