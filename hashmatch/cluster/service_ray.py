"""Ray, where it is used and nowhere else."""

from __future__ import annotations

from typing import Any

from hashmatch.errors import InputError, MissingExtraError


def joined_ray() -> Any:
    """The module, with a cluster that this process has started or joined.

    Raises:
        MissingExtraError: Ray is not installed.
        InputError: there is no cluster.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError(
            f"a cluster needs Ray: pip install 'hashmatch[ray]' ({error})"
        ) from error
    if not ray.is_initialized():
        raise InputError("ray: expected a cluster; start or join one with ray.init() first")
    return ray
