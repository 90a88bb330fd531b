"""The process that reads a large list: ``python -m hashmatch.database.reading_child``.

Standard input brings what to read, pickled by the parent; the descriptor named in the arguments
takes frames (``reading_frames``).
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from typing import Any, BinaryIO

from hashmatch import exchange
from hashmatch.database.batches import batches
from hashmatch.database.reading_frames import END, FAILED, OPENED, framed, packed
from hashmatch.errors import ExchangeError, HashmatchError
from hashmatch.exchange.base import INCOMPLETE


def main() -> int:
    """Read one list and send it."""
    # Ctrl-C reaches the whole group; the parent decides and closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Statements hold no cycles; looking for some in millions of tuples is a third of the time.
    gc.set_threshold(500_000, 20, 20)
    with os.fdopen(int(sys.argv[1]), "wb", buffering=0) as out:
        try:
            path, options = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the parent process
            _read(path, options, out)
        except BrokenPipeError:
            return 1  # the parent has given up
        except Exception as error:  # noqa: BLE001 - the parent raises it
            _send(out, (FAILED, _pickled(error)))
    return 0


def _read(path: str, options: dict[str, Any], out: BinaryIO) -> None:
    with exchange.open_reader(path, **options) as reader:
        _send(out, (OPENED, reader.info.format, reader.info.scheme, reader.total_bytes))
        for batch in batches(reader, lambda: reader.bytes_read):
            _send(out, packed(batch))
        _send(out, (END, dict(reader.warnings), reader.info.facts.get(INCOMPLETE)))


def _send(out: BinaryIO, frame: tuple[Any, ...]) -> None:
    for piece in framed(frame):
        left = memoryview(piece)
        while left:
            left = left[out.write(left) :]


def _pickled(error: Exception) -> bytes:
    try:
        data = pickle.dumps(error)
        pickle.loads(data)  # noqa: S301 - made the line before
    except Exception:  # noqa: BLE001 - an error that can't be copied is told in words
        known = isinstance(error, HashmatchError)
        text = str(error) if known else f"{type(error).__name__}: {error}"
        return pickle.dumps(ExchangeError(text))
    return data


if __name__ == "__main__":
    sys.exit(main())
