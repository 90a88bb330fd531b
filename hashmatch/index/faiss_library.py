"""The one door to faiss: imported when it is needed, its exceptions turned into ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hashmatch.errors import HashmatchError, IndexCorruptError, InputError, MissingExtraError


def faiss_library() -> Any:
    """The module ``faiss``.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import faiss
    except ImportError as error:
        raise MissingExtraError(
            "approximate search needs faiss, which is not installed: "
            "pip install 'hashmatch[approximate]'"
        ) from error
    return faiss


@contextmanager
def refusals_as(error_type: type[HashmatchError], what: str) -> Iterator[None]:
    """faiss throws RuntimeError from C++, AssertionError from Python; both become one of ours."""
    try:
        yield
    except HashmatchError:
        raise
    except (RuntimeError, AssertionError, ValueError) as error:
        raise error_type(f"{what}: faiss refused: {str(error).strip()}") from error


def building() -> Any:
    """Refusals while building or searching are about what the caller passed."""
    return refusals_as(InputError, "hashes")


def reading(name: str) -> Any:
    """Refusals while reading serialised bytes are about the file."""
    return refusals_as(IndexCorruptError, name)
