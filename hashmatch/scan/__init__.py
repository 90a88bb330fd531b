"""Many files: which there are."""

from hashmatch.scan.walk import Found, walk

__all__ = ["Found", "walk"]
