"""Calibration files: TOML, ``schema = "hashmatch.calibration/1"``; strict."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from hashmatch.errors import InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.matching.calibration import Calibration
from hashmatch.matching.calibration_tail import Tail

T = TypeVar("T")
SCHEMA = "hashmatch.calibration/1"
_MAX_BYTES = 1 << 20


def read_calibration(source: str | PathLike[str] | bytes) -> Calibration:
    """See ``Calibration.from_toml``."""
    where, data = "calibration", source
    if not isinstance(data, bytes):
        where = str(source)
        try:
            with Path(data).open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            raise InputError(f"calibration: can't read {where}: {error}") from error
    if len(data) > _MAX_BYTES:
        raise InputError(f"{where}: expected at most {_MAX_BYTES} bytes, got more")
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeError, RecursionError) as error:
        raise InputError(f"{where}: expected TOML: {error}") from error
    if document.get("schema") != SCHEMA:
        raise InputError(f"{where}: schema: expected {SCHEMA!r}, got {document.get('schema')!r}")
    values = _checked(document, _CALIBRATION, where)
    tails = tuple(
        _made(Tail, _checked(table, _TAIL, f"{where}: tail[{n}]"), f"{where}: tail[{n}]")
        for n, table in enumerate(values.pop("tail"), 1)
    )
    del values["schema"]
    return _made(Calibration, {**values, "tails": tails}, where)


def _made(kind: Callable[..., T], values: Mapping[str, Any], where: str) -> T:
    try:
        return kind(**values)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


Reader = Callable[[object], Any]


class _UnfitError(Exception):
    """A value is not what its key needs."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _UnfitError
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise _UnfitError
    return value


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or abs(value) > 1e300:
        raise _UnfitError
    return float(value)


def _several(reader: Reader, n: int | None) -> Reader:
    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != (len(value) if n is None else n):
            raise _UnfitError
        return tuple(reader(item) for item in value)

    return read


def _tables(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _UnfitError
    return value


Key = tuple[Reader, str]
_A_TEXT: Key = (_text, "a text")
_A_COUNT: Key = (_whole, "a whole number from 0 on")
_A_NUMBER: Key = (_number, "a number")
_TWO: Key = (_several(_number, 2), "two numbers")
_CALIBRATION: Mapping[str, Key] = {
    "schema": _A_TEXT,
    "kind": _A_TEXT,
    "measure": _A_TEXT,
    "n_placements": _A_COUNT,
    "seed": _A_COUNT,
    "provenance": _A_TEXT,
    "tail": (_tables, "tables [[tail]]"),
}
_TAIL: Mapping[str, Key] = {
    "name": _A_TEXT,
    "concentration": _TWO,
    "n_pairs": _A_COUNT,
    "n_exceedances": _A_COUNT,
    "u0": _A_NUMBER,
    "scale": _A_NUMBER,
    "scale_interval": _TWO,
    "shape": _A_NUMBER,
    "shape_interval": _TWO,
    "rate_interval": _TWO,
    "lowest": _A_NUMBER,
    "counts": (_several(_several(_whole, 2), None), "pairs of bits and counts"),
}


def _checked(table: Mapping[str, Any], keys: Mapping[str, Key], where: str) -> dict[str, Any]:
    unknown = sorted(set(table) - set(keys))
    if unknown:
        raise InputError(f"{where}: expected one of {', '.join(keys)}, got a key {unknown[0]!r}")
    found = {}
    for name, (reader, expected) in keys.items():
        try:
            found[name] = reader(table.get(name))
        except _UnfitError:
            got = repr(table[name])[:200] if name in table else "nothing"
            raise InputError(f"{where}: {name}: expected {expected}, got {got}") from None
    return found


def save_calibration(
    calibration: Calibration, path: str | PathLike[str], *, overwrite: bool
) -> None:
    """See ``Calibration.save``."""
    file = AtomicFile(path, overwrite=overwrite)
    try:
        file.write(calibration_text(calibration).encode())
        file.commit()
    finally:
        file.discard()


def calibration_text(calibration: Calibration) -> str:
    """See ``Calibration.to_toml``."""
    lines = [f"schema = {_value(SCHEMA)}"]
    lines += [
        f"{name} = {_value(getattr(calibration, name))}"
        for name in _CALIBRATION
        if name not in ("schema", "tail")
    ]
    for tail in calibration.tails:
        lines += ["", "[[tail]]"]
        lines += [f"{name} = {_value(getattr(tail, name))}" for name in _TAIL]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, str):  # printable, so the escapes of JSON are those of TOML
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
