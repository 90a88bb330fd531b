"""How a query lies over the known picture that it is a copy of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hashmatch.errors import InputError
from hashmatch.hashing import ORIENTATIONS

_TURNED = {
    "rotate270": "turned by a quarter to the left",
    "rotate180": "upside down",
    "rotate90": "turned by a quarter to the right",
    "flip_x": "mirrored top to bottom",
    "flip_y": "mirrored",
    "flip_plus1": "mirrored at the main diagonal",
    "flip_minus1": "mirrored at the other diagonal",
}
_SIDES = ("left", "right", "top", "bottom")
_VIEWS = {
    "whole": None,
    "trimmed": "without the query's border",
    "picture": "a part of the query",
}
_LEAST_SHARE = 0.005
_LEAST_ANGLE = 0.25


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the query's picture lies on the reference.

    Attributes:
        orientation: of the query, one of ``hashmatch.ORIENTATIONS``.
        left, right, top, bottom: share of the reference's width or height that the query lacks at
            that edge; negative: the query has that much more there.
        angle: degrees by which the query is turned, counter-clockwise.
        view: what of the query was compared: "whole", "trimmed" (its border left out), "picture"
            (a picture within it).
        view_box: (left, top, right, bottom) of that view in the query's pixels; None: all of it.

    Raises:
        InputError: another orientation or view.
    """

    orientation: str
    left: float
    right: float
    top: float
    bottom: float
    angle: float
    view: str
    view_box: tuple[int, int, int, int] | None

    def __post_init__(self) -> None:
        for name, known in (("orientation", ORIENTATIONS), ("view", tuple(_VIEWS))):
            value = getattr(self, name)
            if value not in known:
                raise InputError(f"{name}: expected one of {', '.join(known)}, got {value!r}")

    def describe(self) -> str:
        """For a person: "6 % cut from the left, turned by 3 degrees to the left, mirrored"."""
        parts = []
        for sign, word in ((1, "cut from"), (-1, "added at")):
            for side in _SIDES:
                share = sign * getattr(self, side)
                if share >= _LEAST_SHARE:
                    parts.append(f"{_number(100 * share)} % {word} the {side}")
        if abs(self.angle) >= _LEAST_ANGLE:
            degrees = _number(abs(self.angle))
            side = "left" if self.angle > 0 else "right"
            parts.append(f"turned by {degrees} degree{'' if degrees == '1' else 's'} to the {side}")
        parts += [words for words in (_TURNED.get(self.orientation), _VIEWS[self.view]) if words]
        return ", ".join(parts) or "as it is"

    def to_dict(self) -> dict[str, Any]:
        return {
            "orientation": self.orientation,
            "left": self.left,
            "right": self.right,
            "top": self.top,
            "bottom": self.bottom,
            "angle": self.angle,
            "view": self.view,
            "view_box": None if self.view_box is None else list(self.view_box),
        }


def _number(value: float) -> str:
    """Whole, or with a half where that is nearer; small ones with a quarter."""
    if value < 1:
        return f"{round(4 * value) / 4:g}"
    return f"{round(2 * value) / 2:g}"
