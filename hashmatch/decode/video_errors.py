"""PyAV: imported when a video is read, and its errors as this library's, in this one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from hashmatch.errors import (
    CorruptMediaError,
    DecodeError,
    MediaLimitError,
    MissingExtraError,
    UnsupportedMediaError,
)


def load_av() -> ModuleType:
    """PyAV.

    Raises:
        MissingExtraError: it is not installed, or its FFmpeg can't be loaded; says why.
    """
    try:
        import av
    except (ImportError, OSError) as error:
        raise MissingExtraError(
            f"video: needs PyAV, which can't be loaded: pip install av ({error})"
        ) from error
    return av


@contextmanager
def av_errors(what: str) -> Iterator[None]:
    """Whatever PyAV raises, as an error of this library; those of this library pass."""
    try:
        yield
    except (DecodeError, MissingExtraError):
        raise
    except MemoryError as error:
        raise MediaLimitError(f"{what}: out of memory while decoding") from error
    except Exception as error:
        raise _ours(what, error) from error


def is_harmless(error: Exception) -> bool:
    """Whether one packet is to blame for it and the next may be tried."""
    return not isinstance(error, (DecodeError, MissingExtraError, MemoryError))


def in_words(error: Exception) -> str:
    """What FFmpeg says, without the name of the file, which it does not know."""
    return str(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}")


def _ours(what: str, error: Exception) -> DecodeError:
    import av

    message = f"{what}: {in_words(error)}"
    unsupported = (av.error.PatchWelcomeError, av.error.LookupError, av.error.NotImplementedError)
    if isinstance(error, unsupported):
        return UnsupportedMediaError(message)
    # Demuxers and decoders give any error for broken files: the type says little.
    return CorruptMediaError(message)
