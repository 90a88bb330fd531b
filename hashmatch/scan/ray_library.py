"""Ray, where it is used."""

from __future__ import annotations

from typing import Any

from hashmatch.errors import MissingExtraError


def require_ray() -> Any:
    """The library.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise MissingExtraError("ray: expected Ray; pip install hashmatch[ray]") from error
    return ray
