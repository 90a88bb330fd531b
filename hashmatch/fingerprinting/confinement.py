"""What a worker process may not do, set up from inside before it sees any media.

    everywhere   no descriptor but the pipes to the supervisor, no core dump, limits on address
                 space and processor time
    Linux        no network, no other program, no tracing: a seccomp filter on x86-64 and AArch64,
                 else a network namespace where the kernel lets one be made

Source: Linux seccomp(2), prctl(2), linux/filter.h, linux/audit.h; syscall numbers of
asm/unistd_64.h and asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
import warnings
from dataclasses import dataclass
from math import ceil

_LOAD_WORD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.EPERM
_X32_FROM = 0x40000000
_NO_NEW_PRIVILEGES = 38
_SET_FILTER, _ALL_THREADS = 1, 1
_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000


@dataclass(frozen=True, slots=True)
class _Machine:
    """A Linux architecture: its audit number, seccomp's own number, and the calls denied.

    socket, connect, accept, sendto, sendmsg, bind, listen, socketpair, accept4, execve, execveat,
    ptrace, process_vm_readv, process_vm_writev, bpf, io_uring_setup, pidfd_getfd.
    """

    audit: int
    seccomp: int
    denied: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        317,
        (41, 42, 43, 44, 46, 49, 50, 53, 288, 59, 322, 101, 310, 311, 321, 425, 438),
    ),
    "aarch64": _Machine(
        0xC00000B7,
        277,
        (198, 203, 202, 206, 211, 200, 201, 199, 242, 221, 281, 117, 270, 271, 280, 425, 438),
    ),
}


def confine() -> None:
    """Take from this process what decoding does not need. Run once, when a worker starts."""
    # Python's own handler would wait for a decoder that never returns; the default one does not.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    warnings.simplefilter("ignore")  # Pillow's, on broken files: nobody reads them here
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    deny_network()


def deny_network() -> str | None:
    """Deny this process the network; the means by which it was done, None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    machine = _MACHINES.get(platform.machine())
    if machine is not None and _filter_calls(libc, machine):
        return "seccomp"
    if libc.unshare(_NEW_NETWORK) == 0 or libc.unshare(_NEW_USER | _NEW_NETWORK) == 0:
        return "network namespace"
    return None


def _filter_calls(libc: ctypes.CDLL, machine: _Machine) -> bool:
    program = _program(machine)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(machine.seccomp, _SET_FILTER, _ALL_THREADS, header) == 0)


def _program(machine: _Machine) -> bytes:
    """The filter: calls of another architecture and the denied ones fail with EPERM."""
    deny = len(machine.denied) + 5
    lines: list[tuple[int, int, int, int]] = [
        (_LOAD_WORD, 0, 0, _ARCHITECTURE_AT),
        (_IF_EQUAL, 0, deny - 2, machine.audit),
        (_LOAD_WORD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, deny - 4, 0, _X32_FROM),
        *((_IF_EQUAL, deny - 5 - at, 0, call) for at, call in enumerate(machine.denied)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def limit_resources(max_memory: int, max_seconds: float) -> None:
    """Bound what this process may use from now on, beyond what it has used already.

    Args:
        max_memory: bytes of address space.
        max_seconds: processor seconds for each processor; at the limit the process dies. The
            supervisor's clock ends it sooner, unless the supervisor is gone.
    """
    space = _address_space()
    if space is not None:
        _lower(resource.RLIMIT_AS, space + max_memory)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime + max_seconds * (os.cpu_count() or 1)
    _lower(resource.RLIMIT_CPU, ceil(seconds) + 1)


def lift_memory_limit() -> None:
    """Undo the bound on address space: the way back to the supervisor needs memory too."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (wanted, hard))


def _address_space() -> int | None:
    """Bytes of address space in use; None where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123 - no Path machinery here
            pages = int(stream.read().split()[0])
    except OSError:
        return None
    return pages * resource.getpagesize()
