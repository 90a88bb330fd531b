"""What a known-software list says about its files: known, ignorable, and never CSAM."""

from __future__ import annotations

from collections import Counter

from hashmatch.exchange.base import ReadOptions
from hashmatch.types import Label, Opinion

SCHEME = "nsrl-known"
KNOWN = Opinion(SCHEME, None, Label.KNOWN_IGNORABLE)
_NO_EFFECT = "the scheme that was asked for has no effect: this list has no categories"


def note_scheme(options: ReadOptions, warnings: Counter[str]) -> None:
    """A forced scheme would make known software something else: it is not followed, and said so."""
    if options.scheme not in (None, SCHEME):
        warnings[_NO_EFFECT] += 1
