"""Reads what a worker sends: names of a short list only, because a worker may have been taken over.

Messages between processes are pickles, and a pickle can call anything. Those that come from a
worker may build the pool's own messages, fingerprints, and errors; anything else is refused, which
costs the worker its life and one file.
"""

from __future__ import annotations

import builtins
import io
import pickle
from multiprocessing import connection, reduction
from typing import Any

_OURS = {
    "hashmatch.fingerprinting.model": ("FingerprintStatus", "ImageFingerprint"),
    "hashmatch.fingerprinting.views": ("received_view",),
    "hashmatch.types": ("Digests", "HashValue", "MediaKind"),
}
_POOLS = {
    "pebble.pool.process": ("Acknowledgement", "TaskProblem", "TaskResult"),
    "pebble.common.types": (
        "RemoteException",
        "RemoteException.rebuild_exception",
        "Result",
        "ResultStatus",
    ),
}
_NAMES = {(module, name) for table in (_OURS, _POOLS) for module in table for name in table[module]}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The named thing, if a worker may name it."""
        if (module, name) in _NAMES:
            return super().find_class(module, name)
        if module in ("builtins", "hashmatch.errors") and "." not in name:
            found = getattr(builtins, name, None) or super().find_class(module, name)
            if isinstance(found, type) and issubclass(found, Exception):
                return found
        raise pickle.PicklingError(f"a worker may not send {module}.{name}")


class CheckedConnection(connection.Connection):
    """The end of a pipe at which a supervisor reads."""

    def recv(self) -> Any:
        return _Reader(io.BytesIO(self.recv_bytes())).load()


def checked_pipe() -> tuple[CheckedConnection, connection.Connection]:
    """A one-way pipe: what is received at its reading end here is checked."""
    plain, writer = connection.Pipe(duplex=False)
    reader = CheckedConnection(plain.fileno(), writable=False)
    plain._handle = None  # type: ignore[attr-defined]  # the descriptor has a new owner
    return reader, writer


def _sent(reader: CheckedConnection) -> Any:
    """In another process the same end is an ordinary one."""
    return connection.reduce_connection(reader)  # type: ignore[attr-defined]


reduction.register(CheckedConnection, _sent)
