"""What a decoder that has been taken over, or that is merely broken, does to its process.

Workers import this by name; nothing in the package knows it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np


def exits() -> None:
    os._exit(3)


def exits_cleanly() -> None:
    os._exit(0)


def aborts() -> None:
    os.abort()


def segfaults() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def reads_address_zero() -> None:
    ctypes.string_at(0)


def spins() -> None:
    while True:
        pass


def spins_deaf() -> None:
    """In C code that holds the interpreter's lock, so that no Python signal handler runs."""
    ctypes.PyDLL(None).sleep(3600)


def sleeps() -> None:
    time.sleep(3600)


def bloats() -> int:
    return np.ones(64 << 30, dtype=np.uint8).size


def bloats_in_steps() -> int:
    held = [bytearray(b"x" * (32 << 20)) for _ in range(4096)]
    return len(held)


def raises_value_error() -> None:
    raise ValueError("made to fail")


def returns(value: int) -> int:
    return value


class Payload:
    """What a worker that has been taken over would send to its supervisor."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call


def sends(function: object, *arguments: object) -> Payload:
    return Payload(function, *arguments)


def process_id() -> int:
    return os.getpid()


def descriptors() -> dict[int, str]:
    """Open descriptors of the worker and what they are."""
    found = {}
    for path in Path("/proc/self/fd").iterdir():
        try:
            found[int(path.name)] = str(path.readlink())
        except OSError:
            continue  # the listing's own
    return found


def core_limit() -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_CORE)


def tries(what: str) -> str:
    """The name of the error with which an attempt ends, or "allowed"."""
    try:
        ATTEMPTS[what]()
    except OSError as error:
        return type(error).__name__
    return "allowed"


def _socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _unix_socket() -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()


def _program() -> None:
    subprocess.run([sys.executable, "-c", "0"], check=False)


def _socket_in_thread() -> None:
    errors: list[OSError] = []

    def attempt() -> None:
        try:
            _socket()
        except OSError as error:
            errors.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


ATTEMPTS = {
    "socket": _socket,
    "unix socket": _unix_socket,
    "program": _program,
    "socket in a thread": _socket_in_thread,
}


def main_module_file() -> str | None:
    return getattr(sys.modules["__main__"], "__file__", None)


def dies(*_: object) -> None:
    os.abort()


def answers_nonsense(*_: object) -> dict[str, object]:
    return {"status": "OK", "hashes": b"nothing"}


def sleeps_through(*_: object) -> None:
    time.sleep(60)
