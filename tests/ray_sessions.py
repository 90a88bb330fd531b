"""Ray for tests: one small cluster at a time, started when a test first needs it.

Starting takes seconds, so a session is kept for the tests that follow; one of the other kind ends
it. ``stop`` ends the last one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

STORE_BYTES = 150 << 20
_TESTS = Path(__file__).resolve().parent
_QUICK_TO_NOTICE = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 4,
}


class TwoNodes:
    """A head node, which the test's process is connected to, and another one; a cpu each."""

    def __init__(self) -> None:
        import ray
        from ray.cluster_utils import Cluster

        self._cluster: Any = Cluster(
            initialize_head=True,
            head_node_args={
                "num_cpus": 1,
                "object_store_memory": STORE_BYTES,
                "include_dashboard": False,
                "_system_config": _QUICK_TO_NOTICE,
            },
        )
        self._other: Any = None
        self.add_other()
        ray.init(address=self._cluster.address, log_to_driver=False, logging_level="ERROR")

    @property
    def address(self) -> str:
        address: str = self._cluster.address
        return address

    def add_other(self) -> None:
        """The second node, if there is none."""
        if self._other is None:
            self._other = self._cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)

    def remove_other(self) -> None:
        """The second node is gone with everything on it, as if its power had failed."""
        node, self._other = self._other, None
        self._cluster.remove_node(node, allow_graceful=False)

    def stop(self) -> None:
        import ray

        ray.shutdown()
        self._cluster.shutdown()


class RaySessions:
    """What runs now: nothing, Ray on this machine, or two nodes."""

    def __init__(self) -> None:
        self._local = False
        self._nodes: TwoNodes | None = None

    def local(self) -> None:
        """Connected to a cluster of one node with two cpus."""
        if self._local:
            return
        self.stop()
        _prepare()
        import ray

        ray.init(
            address="local",  # whatever else runs on this machine
            num_cpus=2,
            object_store_memory=STORE_BYTES,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
        )
        self._local = True

    def two_nodes(self) -> TwoNodes:
        """Connected to a cluster of two nodes, both of them there."""
        if self._nodes is None:
            self.stop()
            _prepare()
            self._nodes = TwoNodes()
        self._nodes.add_other()
        return self._nodes

    def stop(self) -> None:
        """End what this started."""
        if self._nodes is not None:
            self._nodes.stop()
            self._nodes = None
        if self._local:
            import ray

            ray.shutdown()
            self._local = False


def _prepare() -> None:
    # Ray's workers find what tests send them by name: this checkout, and the helpers of its tests.
    found = [str(_TESTS), str(_TESTS.parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, found)))
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")


SESSIONS = RaySessions()
"""The one of this process, whichever folder's tests use it."""
