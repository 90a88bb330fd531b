"""One tree of errors, as its file draws it."""

from __future__ import annotations

import builtins
import re

import pytest

from hashmatch import errors
from hashmatch.errors import HashmatchError, InputError, MissingExtraError, RecordError

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, Exception)
}


def test_everything_has_the_one_root() -> None:
    assert len(CLASSES) > 10
    for name, value in CLASSES.items():
        assert issubclass(value, HashmatchError), name
        assert name == "HashmatchError" or name.endswith("Error")
        assert value.__doc__


def test_the_drawing_shows_every_class() -> None:
    drawn = set(re.findall(r"\w+Error\b", errors.__doc__ or ""))
    assert {name for name in drawn if not hasattr(builtins, name)} == set(CLASSES)


def test_the_drawing_shows_every_builtin_parent() -> None:
    for name, value in CLASSES.items():
        for parent in value.__bases__:
            if parent.__module__ == "builtins" and parent is not Exception:
                assert re.search(rf"{name} \(.*\b{parent.__name__}\b.*\)", errors.__doc__ or "")


def test_builtin_parents() -> None:
    assert issubclass(InputError, ValueError)
    assert issubclass(errors.InputTypeError, TypeError)
    assert issubclass(MissingExtraError, ImportError)


def test_a_record_error_knows_its_place() -> None:
    error = RecordError("md5: too short", position=7, field="MD5")
    assert (error.position, error.field, str(error)) == (7, "MD5", "md5: too short")
    with pytest.raises(errors.ExchangeError):
        raise RecordError("broken", position=1)
