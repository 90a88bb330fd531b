"""JSON bytes to token batches, with a bound on the longest token and every error typed.

The parser gives a token out only when it is complete and collects its bytes until then, so the
bound is on the bytes fed since the last token. Whoever reads the tokens bounds depth and records.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.source import Source

CHUNK = 1 << 16
MAX_TOKEN = 4 << 20
MAX_DEPTH = 64
_BOM = b"\xef\xbb\xbf"

Token = tuple[str, Any]
"""An ijson event: its name and value. Numbers are int, or Decimal where they have a fraction."""


def read_chunks(source: Source) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def read_tokens(chunks: Iterator[bytes], name: str, *, whole: bool = True) -> Iterator[list[Token]]:
    """Token batches of one JSON document.

    Args:
        chunks: the document's bytes; a UTF-8 byte order mark in front is dropped.
        name: the document's name in messages.
        whole: whether the document must be complete at the end of ``chunks``.

    Raises:
        ExchangeError: malformed, cut short, something after the end, a token over ``MAX_TOKEN``
            bytes. The tokens before that point come first.
    """
    import ijson

    # ValueError: a lone surrogate escape. ArithmeticError: an exponent that no Decimal holds.
    # SystemError: ijson's C parser on an integer beyond Python's limit on digits.
    errors = (ijson.JSONError, ValueError, ArithmeticError, SystemError)
    tokens: Any = ijson.sendable_list()
    parser = ijson.basic_parse_coro(tokens)
    fed = pending = 0
    for chunk in chunks:
        piece = chunk.removeprefix(_BOM) if fed == 0 else chunk
        try:
            parser.send(piece)
        except errors as error:
            if isinstance(error, SystemError):
                del tokens[-1:]  # it has no value
            yield tokens
            raise ExchangeError(
                f"{name}: malformed JSON near byte {fed}: {_reason(error)}"
            ) from error
        fed += len(chunk)
        if tokens:
            pending = 0
            yield tokens
            del tokens[:]
        elif not piece.isspace():
            pending += len(piece)
            if pending > MAX_TOKEN:
                raise ExchangeError(
                    f"{name}: expected texts of up to {MAX_TOKEN} bytes, "
                    f"got a longer one near byte {fed}"
                )
    if not whole:
        return
    try:
        parser.close()
    except errors as error:
        raise ExchangeError(
            f"{name}: document cut short at byte {fed}: {_reason(error)}"
        ) from error
    if tokens:  # a number that only the end of the document ended
        yield tokens


def too_deep(name: str) -> ExchangeError:
    return ExchangeError(f"{name}: expected at most {MAX_DEPTH} nested arrays, got more")


def _reason(error: Exception) -> str:
    """The parser's own reason, without the piece of the document that it shows below it."""
    lines = str(error).strip("b'\"").replace("\\n", "\n").splitlines()
    return (lines[0] if lines else type(error).__name__)[:100]
