"""Texts of an exhibit as they may be shown or written: names of files are hostile."""

from __future__ import annotations

MOST_SHOWN = 240
"""Characters of a text in a report; of a longer one the beginning and the end."""
_TAIL = 70

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters of cells that a spreadsheet runs; ``cli.csv_output`` has the same."""


def shown(text: str) -> str:
    """The text with all that cannot be seen escaped.

    Control characters, marks that turn the direction of writing, separators other than the space
    and lone surrogates become ``\\x07``, ``\\u202e`` and so on. A byte that is no UTF-8 (``0xE4``,
    in Python U+DCE4) becomes ``\\xe4``.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def bounded(text: str, most: int = MOST_SHOWN) -> str:
    """``shown``, with the middle left out where it is longer than ``most``, and saying so."""
    if len(text) <= most and text.isprintable():
        return text  # nearly always
    # Escapes make a text longer: what will not fit anyhow need not be escaped.
    made = shown(text if len(text) <= most else text[:most] + text[-_TAIL:])
    if len(text) <= most and len(made) <= most:
        return made
    return f"{made[: most - _TAIL]} … {made[-_TAIL:]} ({len(text):,} characters)"


def unicode_text(text: str) -> str:
    """The text with lone surrogates escaped as ``shown`` does it, and nothing else."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_escaped(c) if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def path_bytes(path: str) -> bytes:
    """The bytes of a path: UTF-8, and each byte that is none as it was (``surrogateescape``)."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Surrogates that stand for no byte: they come from archives, never from a file system.
        return b"".join(
            c.encode("utf-8", "surrogateescape" if "\udc80" <= c <= "\udcff" else "surrogatepass")
            for c in path
        )


def cell(value: object) -> str:
    """A value as a cell of CSV: a text that a spreadsheet would run gets an apostrophe."""
    if value is None:
        return ""
    if not isinstance(value, str):
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (int, float)):
            return str(value)
    text = shown(str(value))
    return f"'{text}" if text.startswith(FORMULA) else text


def size_text(size: int | None) -> str:
    """Bytes in words; empty where they are not known."""
    if size is None:
        return ""
    value, unit = float(size), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            break
        value /= 1024
    return f"{size} B" if unit == "B" else f"{value:,.1f} {unit}"


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
