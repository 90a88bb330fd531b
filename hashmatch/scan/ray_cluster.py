"""A Ray cluster that examines files: one that runs already, or one on this machine for one run."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any

from hashmatch.closing import Closing
from hashmatch.errors import ClusterError, InputError
from hashmatch.fingerprinting.worker import usable_processors
from hashmatch.scan.crew import AHEAD
from hashmatch.scan.ray_library import require_ray

if TYPE_CHECKING:
    from hashmatch.scan.hands import Hands, Order

LOCAL = "local"
_STORE_BYTES = 256 * 1024 * 1024
_OOM_RETRIES = 3
_COUNTED_FOR_SECONDS = 5.0
_REACHED_SECONDS = 10.0
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Nothing is told to anybody about an exhibit's run."""


class RayCluster(Closing):
    """``hands`` of ``scan_into``: files are examined by Ray tasks, one for each batch.

    A program that has connected Ray already goes on with that connection, which stays. Otherwise
    what was started or connected here ends with ``close``.

    Args:
        address: of ``ray.init``; "local" starts a cluster on this machine.
        in_flight: tasks at once, at most; four for each processor of the cluster if None.

    Raises:
        InputError: a wrong argument.
        MissingExtraError: Ray is not installed.
        ClusterError: there is no such cluster.
    """

    def __init__(self, address: str = LOCAL, *, in_flight: int | None = None) -> None:
        if in_flight is not None and (
            not isinstance(in_flight, int) or isinstance(in_flight, bool) or in_flight < 1
        ):
            raise InputError(f"in_flight: expected an integer of 1 or more, got {in_flight!r}")
        self._ray = require_ray()
        self._in_flight = in_flight
        self._counted_at = -_COUNTED_FOR_SECONDS
        self._n_workers = 1
        self._is_ours = not self._ray.is_initialized()
        if self._is_ours:
            _connect(self._ray, address)

    @property
    def n_workers(self) -> int:
        """Processors of the cluster now; they may come and go."""
        now = time.monotonic()
        if now - self._counted_at >= _COUNTED_FOR_SECONDS:
            self._counted_at = now
            self._n_workers = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        return self._n_workers

    @property
    def in_flight(self) -> int:
        """How many tasks Ray is given at once."""
        return self._in_flight or AHEAD * self.n_workers

    def hands(self, order: Order) -> Hands:
        """What a run works with."""
        from hashmatch.scan.ray_hands import RayHands

        return RayHands(self, self._ray, order)

    def close(self) -> None:
        """End what was started here."""
        if self._is_ours:
            self._is_ours = False
            self._ray.shutdown()


def _connect(ray: Any, address: str) -> None:
    options: dict[str, Any] = {"address": address, "log_to_driver": False}
    if address == LOCAL:
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        options |= {
            "num_cpus": usable_processors(),
            "include_dashboard": False,
            "object_store_memory": _STORE_BYTES,
            # By default, what needs more memory than there is would be tried for ever.
            "_system_config": {"task_oom_retries": _OOM_RETRIES},
        }
    else:
        _require_listening(address)
    try:
        ray.init(logging_level="ERROR", **options)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        raise ClusterError(f"ray: {address}: can't be reached ({type(error).__name__})") from error


def _require_listening(address: str) -> None:
    """Ray itself would try for minutes; of an address in another form it may."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACHED_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(f"ray: {address}: nobody answers there") from error
