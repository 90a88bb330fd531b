"""What is depicted, as independent facts: each known on its own, none read into another.

The idea is that of the Universal Classification Schema of INHOPE's hotlines: say once what is seen,
and let tables compute what each country calls it. The schema's own list of labels is not public, so
the words here are ours. Severity and label follow by a table (``hashmatch.exchange.labels``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from hashmatch.errors import InputError


class Nature(StrEnum):
    """How the depiction came about."""

    REAL = "real"
    AI_GENERATED = "ai_generated"
    CGI = "cgi"
    DRAWN = "drawn"


class Age(StrEnum):
    """The apparent age of the youngest person depicted."""

    INFANT = "infant"
    PREPUBESCENT = "prepubescent"
    PUBESCENT = "pubescent"
    DIFFICULT = "difficult"
    ADULT = "adult"


class Sex(StrEnum):
    """The apparent sex of the children depicted."""

    FEMALE = "female"
    MALE = "male"
    BOTH = "both"


class Act(StrEnum):
    """The gravest act depicted, gravest first."""

    SADISM_OR_ANIMAL = "sadism_or_animal"
    PENETRATIVE = "penetrative"
    SEXUAL_ACT = "sexual_act"
    NON_PENETRATIVE = "non_penetrative"
    EXHIBITION = "exhibition"
    EXPLOITIVE = "exploitive"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Facts:
    """Independent facts about what is depicted. None: not stated.

    ``Act.SEXUAL_ACT`` is for lists that do not tell penetrative acts from others;
    ``Act.EXHIBITION`` is a focus on the genital or anal area or explicit nudity.
    """

    nature: Nature | None = None
    age: Age | None = None
    sex: Sex | None = None
    act: Act | None = None

    def __bool__(self) -> bool:
        return self != NO_FACTS

    @classmethod
    def parse(cls, words: Mapping[str, Any]) -> Self:
        """Facts from their names and words, as ``to_dict`` gives them.

        Raises:
            InputError: an unknown name or word; the message lists the choices.
        """
        unknown = sorted(set(words) - set(WORDS))
        if unknown:
            raise InputError(
                f"facts: expected some of {', '.join(WORDS)}, got {', '.join(map(repr, unknown))}"
            )
        return cls(**{name: _word(name, word) for name, word in words.items()})

    def to_dict(self) -> dict[str, str]:
        """The stated facts, name to word."""
        found = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: word.value for name, word in found if word is not None}


WORDS: Mapping[str, type[StrEnum]] = {"nature": Nature, "age": Age, "sex": Sex, "act": Act}
"""The facts and their words."""
NO_FACTS = Facts()


def _word(name: str, word: Any) -> Any:
    try:
        return WORDS[name](word)
    except ValueError as error:
        choices = ", ".join(WORDS[name])
        raise InputError(f"{name}: expected one of {choices}, got {word!r}") from error
