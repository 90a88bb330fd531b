"""A policy as a TOML file; strict, for a typo here would change who is alerted to what."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

from hashmatch.errors import InputError
from hashmatch.matching.policy import DEFAULT_ALERTS, Alert, MatchPolicy
from hashmatch.matching.thresholds import COMPARED, Thresholds
from hashmatch.matching.video_thresholds import VideoThresholds
from hashmatch.types import Label

SCHEMA = "hashmatch.policy/1"
_MAX_BYTES = 1 << 20
_TABLES = ("alerts", "others", "video")
_VALUES = tuple(field.name for field in fields(MatchPolicy) if field.name not in _TABLES)
_THRESHOLDS = tuple(field.name for field in fields(Thresholds))
_VIDEO = tuple(field.name for field in fields(VideoThresholds))
_LABELS = {label.value: label for label in Label}
_ALERTS = {alert.value: alert for alert in Alert}


def read_policy(source: str | PathLike[str] | bytes) -> MatchPolicy:
    """See ``MatchPolicy.from_toml``."""
    where, data = ("policy", source) if isinstance(source, bytes) else _read(source)
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{where}: expected TOML: {error}") from error
    schema = document.pop("schema", None)
    if schema != SCHEMA:
        raise InputError(f"{where}: schema: expected {SCHEMA!r}, got {schema!r}")
    _known_keys(document, (*_VALUES, *_TABLES), where, "")
    given = {name: value for name, value in document.items() if name not in _TABLES}
    if "alerts" in document:
        given["alerts"] = {**DEFAULT_ALERTS, **_alerts(document["alerts"], where)}
    if "others" in document:
        given["others"] = _others(document["others"], where)
    if "video" in document:
        given["video"] = _video(document["video"], where)
    try:
        return MatchPolicy(**given)
    except InputError as error:
        raise type(error)(f"{where}: {error}") from error


def policy_text(policy: MatchPolicy) -> str:
    """See ``MatchPolicy.to_toml``."""
    values = {name: getattr(policy, name) for name in ("name", "version", "level")}
    values |= {name: getattr(policy, name) for name in _VALUES}
    lines = [_line("schema", SCHEMA), *(_line(name, value) for name, value in values.items())]
    lines += ["", "[alerts]", *(_line(k.value, policy.alerts[k]) for k in Label), "", "[others]"]
    for name, radii in policy.others.items():
        lines += ["", f"[others.{name}]"]
        # No line is TOML's only way to say None.
        lines += [_line(k, v) for k, v in radii.to_dict().items() if v is not None]
    lines += ["", "[video]", *(_line(k, v) for k, v in policy.video.to_dict().items())]
    return "\n".join(lines) + "\n"


def _read(path: str | PathLike[str]) -> tuple[str, bytes]:
    file = Path(path)
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"policy: can't read {file}: {error}") from error
    if len(data) > _MAX_BYTES:
        raise InputError(f"{file}: expected a policy of at most {_MAX_BYTES} bytes, got more")
    return str(file), data


def _alerts(table: Any, where: str) -> Mapping[Label, Alert]:
    _known_keys(table, _LABELS, where, "alerts")
    found = {}
    for name, value in table.items():
        if not isinstance(value, str) or value not in _ALERTS:
            raise InputError(
                f"{where}: alerts.{name}: expected one of {', '.join(_ALERTS)}, got {value!r}"
            )
        found[_LABELS[name]] = _ALERTS[value]
    return found


def _others(table: Any, where: str) -> Mapping[str, Thresholds]:
    _known_keys(table, COMPARED, where, "others")
    found = {}
    for name, radii in table.items():
        key = f"others.{name}"
        _known_keys(radii, _THRESHOLDS, where, key)
        if "possible" not in radii:
            raise InputError(f"{where}: {key}.possible: expected a whole number, got nothing")
        try:
            found[name] = Thresholds(**{"match": None, **radii})
        except InputError as error:
            raise type(error)(f"{where}: {key}.{error}") from error
    return found


def _video(table: Any, where: str) -> VideoThresholds:
    _known_keys(table, _VIDEO, where, "video")
    try:
        return VideoThresholds(**table)
    except InputError as error:
        raise type(error)(f"{where}: video.{error}") from error


def _known_keys(table: Any, allowed: Iterable[str], where: str, key: str) -> None:
    if not isinstance(table, dict):
        raise InputError(f"{where}: {key}: expected a table, got {table!r}")
    known = list(allowed)
    for name in table:
        if name not in known:
            at = f"{key}." if key else ""
            raise InputError(f"{where}: {at}{name}: expected one of {', '.join(known)}")


def _line(key: str, value: object) -> str:
    if isinstance(value, bool):
        return f"{key} = {'true' if value else 'false'}"
    if isinstance(value, (int, float)):
        return f"{key} = {value!r}"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'{key} = "{text}"'
