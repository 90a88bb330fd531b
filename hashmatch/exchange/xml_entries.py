"""Chosen elements of an XML document, one after the other, from a parser that fetches nothing.

DTDs, entities and external references are refused. Depth, the weight of one element and the length
of one token are bounded; one element is in memory at a time.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hashmatch.errors import ExchangeError
from hashmatch.exchange.source import Source

CHUNK = 1 << 16
MAX_TOKEN = 1 << 20
MAX_DEPTH = 64
MAX_WEIGHT = 1 << 20
"""Characters of one element with all that is in it, plus ``_NODE`` for every tag and attribute."""
_NODE = 64
_MAX_PIECES, _MAX_PIECE = 64, 8192
"""How much of a text outside of entries is kept; the parser gives a text in pieces."""

Path = tuple[str, ...]
"""Element names without namespace, the root's first."""


@dataclass(slots=True)
class Element:
    """One XML element; names are without their namespace.

    Attributes:
        name: its tag.
        attributes: name to text.
        text: all text directly in it.
        children: elements in it, in their order.
    """

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def first(self, name: str) -> Element | None:
        """The first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def text_of(self, name: str) -> str:
        """The stripped text of the first child of that name; "" where there is none."""
        child = self.first(name)
        return "" if child is None else child.text.strip()


@dataclass(frozen=True, slots=True)
class Entry:
    """An element that was asked for.

    Attributes:
        number: 1-based, in document order.
        parent: path of the element around it.
        element: None where it was refused.
        refusal: why; None where it was not.
    """

    number: int
    parent: Path
    element: Element | None
    refusal: str | None = None


class XmlEntries:
    """Iterates ``Entry``.

    Args:
        source: at its beginning.
        wanted: whether an element at a path is an entry.
        around: told of every element outside of entries when it begins.
        text_around: told of its text when it ends.
        encoding: overrides what the document declares.

    Raises (while iterating):
        ExchangeError: malformed, cut short, a DTD or entity, or over a limit.
    """

    def __init__(
        self,
        source: Source,
        *,
        wanted: Callable[[Path], bool],
        around: Callable[[Path, dict[str, str]], None],
        text_around: Callable[[Path, str], None],
        encoding: str | None = None,
    ) -> None:
        self._source = source
        self._name = str(source.path)
        self._wanted = wanted
        self._around = around
        self._text_around = text_around
        self._encoding = encoding

    def __iter__(self) -> Iterator[Entry]:
        path: list[str] = []
        texts: list[list[str]] = []
        tree: _Tree | None = None
        number = 0
        for event, name, attributes in self._events():
            if event == "start":
                if len(path) >= MAX_DEPTH:
                    raise ExchangeError(
                        f"{self._name}: expected at most {MAX_DEPTH} nested elements, got more"
                    )
                path.append(name)
                if tree is not None:
                    tree.start(name, attributes)
                elif self._wanted(tuple(path)):
                    number += 1
                    tree = _Tree(len(path))
                    tree.start(name, attributes)
                else:
                    texts.append([])
                    self._around(tuple(path), attributes)
            elif event == "data":
                if tree is not None:
                    tree.data(name)
                elif texts and len(texts[-1]) < _MAX_PIECES:
                    texts[-1].append(name[:_MAX_PIECE])
            elif tree is None:
                self._text_around(tuple(path), "".join(texts.pop()))
                path.pop()
            else:
                tree.end()
                if len(path) == tree.level:
                    yield Entry(number, tuple(path[:-1]), tree.root, tree.refusal)
                    tree = None
                path.pop()

    def _events(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        from xml.etree.ElementTree import ParseError

        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import DefusedXMLParser

        target = _Target()
        parser: Any = DefusedXMLParser(target=target, encoding=self._encoding, forbid_dtd=True)
        errors = (ParseError, DefusedXmlException, ValueError, LookupError)
        fed = 0
        while chunk := self._source.read(CHUNK):
            begin = self._begin(chunk) if not fed else chunk
            fed += len(chunk)
            try:
                parser.feed(begin)
            except errors as error:
                yield from target.take()
                raise self._malformed(error, fed) from error
            yield from target.take()
            # The parser keeps the bytes of a token until it is complete.
            if fed - max(parser.parser.CurrentByteIndex, 0) > MAX_TOKEN:
                raise ExchangeError(
                    f"{self._name}: expected tags and texts of up to {MAX_TOKEN} bytes, "
                    f"got a longer one near byte {fed}"
                )
        try:
            parser.close()
        except errors as error:
            raise ExchangeError(
                f"{self._name}: document cut short at byte {fed}: {str(error)[:100]}"
            ) from error
        yield from target.take()

    def _begin(self, chunk: bytes) -> bytes:
        """Without white space before the declaration, nor a mark that another encoding denies."""
        text = chunk.removeprefix(BOM_UTF8)
        mark = chunk[: len(chunk) - len(text)] if self._encoding is None else b""
        return mark + text.lstrip()

    def _malformed(self, error: Exception, fed: int) -> ExchangeError:
        from defusedxml.common import DefusedXmlException

        if isinstance(error, DefusedXmlException):
            return ExchangeError(
                f"{self._name}: expected XML without DTD, entities and references, "
                f"got {type(error).__name__}"
            )
        return ExchangeError(f"{self._name}: malformed XML near byte {fed}: {str(error)[:100]}")


class _Target:
    """What the parser calls: notes events, which are taken after every chunk."""

    def __init__(self) -> None:
        self._events: list[tuple[str, str, dict[str, str]]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        names = {_local(name): value for name, value in attributes.items()}
        self._events.append(("start", _local(tag), names))

    def end(self, tag: str) -> None:
        self._events.append(("end", _local(tag), {}))

    def data(self, text: str) -> None:
        self._events.append(("data", text, {}))

    def close(self) -> None:
        """The parser asks for it."""

    def take(self) -> list[tuple[str, str, dict[str, str]]]:
        events, self._events = self._events, []
        return events


class _Tree:
    """Builds one entry."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.root: Element | None = None
        self.refusal: str | None = None
        self._stack: list[Element] = []
        self._weight = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        size = sum(len(key) + len(value) + _NODE for key, value in attributes.items())
        self._weigh(len(name) + size + _NODE)
        if self.refusal is not None:
            return
        element = Element(name, attributes)
        if self._stack:
            self._stack[-1].children.append(element)
        else:
            self.root = element
        self._stack.append(element)

    def data(self, text: str) -> None:
        # A piece costs as much as a tag: each one copies the text before it.
        self._weigh(len(text) + _NODE)
        if self.refusal is None:
            self._stack[-1].text += text

    def end(self) -> None:
        if self.refusal is None:
            self._stack.pop()

    def _weigh(self, size: int) -> None:
        self._weight += size
        if self._weight > MAX_WEIGHT and self.refusal is None:
            self.refusal, self.root = "record too large", None
            self._stack.clear()


def _local(name: str) -> str:
    return name.rpartition("}")[2]
