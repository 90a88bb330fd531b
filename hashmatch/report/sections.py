"""A section of the report: in ``report.html`` where it is short, else on pages of its own.

Entries are bounded in what they show and a page has a fixed number of them, so a page is bounded in
bytes, entry n is always on page ``(n - 1) // ENTRIES_A_PAGE + 1``, and its address never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hashmatch.report.page import render
from hashmatch.report.staging import PAGES, Staging

ENTRIES_A_PAGE = 200
MOST_MEMBERS = 12
"""Files of a group, or opinions on a match, that a page shows; the tables have all."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of a section, and the numbers of its first and last entry."""

    href: str
    first: int
    last: int


class GroupLink(Protocol):
    """Gives the address of a group, by its number."""

    def __call__(self, number: int, *, from_page: bool) -> str | None: ...


class Section:
    """Collects one stream's entries, a page at a time.

    Attributes:
        name: "groups", "matches" or "review"; also the template's macro and the entries' ``id``.
        n: entries so far.
        links: pages that were written; empty where all entries fit into ``report.html``.
        entries: what was not written: after ``close`` all of a short section, else nothing.
    """

    def __init__(
        self, staging: Staging, name: str, title: str, shared: Mapping[str, Any], link: GroupLink
    ) -> None:
        self.name = name
        self.title = title
        self.n = 0
        self.links: list[PageLink] = []
        self.entries: list[dict[str, Any]] = []
        self._staging = staging
        self._shared = shared
        self._link = link

    def add(self, entry: dict[str, Any]) -> None:
        """One more; a page that is full and not the last is written."""
        if len(self.entries) == ENTRIES_A_PAGE:
            self._write_page(is_last=False)
        self.n += 1
        self.entries.append({"number": self.n, **entry})

    def close(self) -> None:
        if self.links:
            self._write_page(is_last=True)

    def href(self, number: int, *, from_page: bool) -> str | None:
        """The address of an entry, from a page or from ``report.html``; None: no such entry."""
        if not 0 < number <= self.n:
            return None
        anchor = f"#{self.name}-{number}"
        if not self.links:
            return f"../report.html{anchor}" if from_page else anchor
        page = page_name(self.name, (number - 1) // ENTRIES_A_PAGE + 1)
        return f"{page}{anchor}" if from_page else f"{PAGES}/{page}{anchor}"

    def _write_page(self, *, is_last: bool) -> None:
        number = len(self.links) + 1
        first = self.n - len(self.entries) + 1
        values = {
            **self._shared,
            "section": self.name,
            "section_title": self.title,
            "entries": self.entries,
            "page": number,
            "first": first,
            "last": self.n,
            "previous": page_name(self.name, number - 1) if number > 1 else None,
            "following": None if is_last else page_name(self.name, number + 1),
            "link": lambda group: self._link(group, from_page=True),
        }
        name = f"{PAGES}/{page_name(self.name, number)}"
        self._staging.write(name, render("page.html.j2", values).encode())
        self.links.append(PageLink(name, first, self.n))
        self.entries = []


def page_name(section: str, number: int) -> str:
    """The file of a section's page, numbered from 1."""
    return f"{section}-{number:05d}.html"
