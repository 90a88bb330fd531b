"""Starts worker processes that know nothing of the program that starts them.

``multiprocessing`` lets a spawned process run the caller's main script again, which ends in an
endless chain of processes where that script has no main guard. Workers need nothing from it, so
they are not told of it. They inherit the pipes to their supervisor, and no other descriptor.
"""

from __future__ import annotations

import io
import os
from multiprocessing import (
    context,
    popen_spawn_posix,
    process,
    reduction,
    resource_tracker,
    spawn,
    util,
)
from typing import Any

from hashmatch.errors import InputError
from hashmatch.fingerprinting.answers import checked_pipe

_MAIN_SCRIPT = ("init_main_from_name", "init_main_from_path")


class _Popen(popen_spawn_posix.Popen):
    """The spawn of the standard library without the main script."""

    _fds: list[int]

    def _launch(self, process_obj: process.BaseProcess) -> None:
        tracker = resource_tracker.getfd()
        if tracker is None:  # only where the tracker could not be started
            raise OSError("the resource tracker of multiprocessing has no descriptor")
        self._fds.append(tracker)
        preparation: dict[str, Any] = spawn.get_preparation_data(process_obj.name)
        for name in _MAIN_SCRIPT:
            preparation.pop(name, None)
        stream = io.BytesIO()
        context.set_spawning_popen(self)
        try:
            reduction.dump(preparation, stream)
            reduction.dump(process_obj, stream)
        finally:
            context.set_spawning_popen(None)
        parent_end, child_writes = os.pipe()
        child_reads, child_end = os.pipe()
        try:
            command = spawn.get_command_line(tracker_fd=tracker, pipe_handle=child_reads)
            self._fds += [child_reads, child_writes]
            self.pid = util.spawnv_passfds(os.fsencode(spawn.get_executable()), command, self._fds)
            self.sentinel = parent_end
            with os.fdopen(os.dup(child_end), "wb") as pipe:
                pipe.write(stream.getbuffer())
        finally:
            os.close(child_reads)
            os.close(child_writes)
            # Both ends that stay here live as long as the process object.
            self.finalizer = util.Finalize(self, _close, (parent_end, child_end))


class _Process(context.SpawnProcess):
    @staticmethod
    def _Popen(process_obj: process.BaseProcess) -> _Popen:  # noqa: N802 - the name is theirs
        return _Popen(process_obj)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class CleanSpawnContext(context.SpawnContext):
    """A ``multiprocessing`` context whose processes don't run the caller's main script."""

    Process = _Process

    def Pipe(self, duplex: bool = False) -> Any:  # noqa: N802 - the name is theirs
        """A one-way pipe whose reading end takes from workers only what they may send."""
        if duplex:
            raise InputError("duplex: expected False, workers have one-way pipes")
        return checked_pipe()
