"""One fingerprint from its JSON form, the keys of ``ImageFingerprint.to_dict``."""

from __future__ import annotations

import json
from typing import Any

from hashmatch.fingerprinting.listing_values import (
    parse_orientations,
    parse_quality,
    require_hash,
)
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.types import Digests, HashValue, MediaKind

SCHEMA = "hashmatch.hash/1"
LEDGER_SCHEMA = "hashmatch.ledger/1"


def read_json_record(text: str) -> ImageFingerprint | None:
    """The fingerprint in one JSON object; None for the ledger that closes a list.

    Raises:
        ValueError, TypeError, KeyError, AttributeError, RecursionError, HashmatchError: it is
            something else; a caller that reads lists takes all of them for a bad record.
    """
    values = json.loads(text)
    schema = values.get("schema")
    if schema == LEDGER_SCHEMA:
        return None
    if schema != SCHEMA:
        raise ValueError(f"schema: expected {SCHEMA}, got {schema!r}")
    hashes = _hashes(values["hashes"])
    return require_hash(
        ImageFingerprint(
            status=FingerprintStatus(values["status"]),
            reason=_text(values, "reason"),
            name=_text(values, "name"),
            size=_count(values, "size"),
            digests=Digests.parse(**{name: values[name] for name in ("md5", "sha1", "sha256")}),
            kind=MediaKind(values["kind"]),
            mime=_text(values, "mime"),
            width=_count(values, "width"),
            height=_count(values, "height"),
            stored_mode=_text(values, "stored_mode"),
            orientation=_count(values, "orientation"),
            frames=_count(values, "frames"),
            fraction=_fraction(values["fraction"]),
            decode=_text(values, "decode"),
            hashes=hashes,
            dihedral={
                name: parse_orientations(texts, hashes[name])
                for name, texts in values["dihedral"].items()
            },
            later_frames=_frames(values["later_frames"]),
            made_with=_versions(values["made_with"]),
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


def _versions(values: object) -> dict[str, str]:
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise ValueError("made_with: expected an object of texts")
    return values


def _fraction(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"fraction: expected 0..1 or null, got {str(value)[:80]!r}")
    return float(value)


def _text(values: dict[str, Any], name: str) -> str | None:
    value = values[name]
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: expected text or null, got {type(value).__name__}")
    return value


def _count(values: dict[str, Any], name: str) -> int | None:
    value = values[name]
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name}: expected a whole number or null, got {str(value)[:80]!r}")
    return value
