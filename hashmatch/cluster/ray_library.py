"""The one door to Ray: imported when it is needed, connected to when it is not yet."""

from __future__ import annotations

import os
from typing import Any

from hashmatch.errors import ClusterError, MissingExtraError

LOCAL = "local"


def ray_library() -> Any:
    """The module ``ray``.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError(
            "work on a cluster needs Ray, which is not installed: pip install 'hashmatch[ray]'"
        ) from error
    return ray


def connect(address: str | None = None) -> bool:
    """Connect this process to a cluster; one that it is connected to already is used.

    Args:
        address: of a cluster ("host:port", "auto"); "local" starts one on this machine; None is
            what ``RAY_ADDRESS`` says, else "local".

    Returns:
        Whether the connection was made here, so that its maker also ends it (``disconnect``).

    Raises:
        MissingExtraError: Ray is not installed.
        ClusterError: no cluster answers there.
    """
    ray = ray_library()
    if ray.is_initialized():
        return False
    # Nobody else has to know that a hotline runs this.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    where = address or os.environ.get("RAY_ADDRESS") or LOCAL
    options: dict[str, Any] = {"include_dashboard": False} if where == LOCAL else {}
    try:
        ray.init(address=where, log_to_driver=False, **options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ClusterError(f"no cluster at {where!r}: {error}") from error
    return True


def disconnect() -> None:
    """End the connection that ``connect`` made, and the cluster that it started."""
    ray_library().shutdown()
