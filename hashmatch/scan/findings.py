"""What goes between a run and the threads that examine files for it."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import Protocol

from hashmatch.fingerprinting import Fingerprint
from hashmatch.scan.known import Known
from hashmatch.scan.listing import Entry
from hashmatch.scan.statuses import ItemStatus


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be examined by itself.

    Attributes:
        may_be_copy: a content of its size is known: its digest is asked for first.
    """

    entry: Entry
    may_be_copy: bool


Answers = queue.SimpleQueue[tuple[Known | None, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """Are contents known, by their SHA-256? The answers go into ``box``, one for each."""

    sha256: tuple[bytes, ...]
    box: Answers


class Listener(Protocol):
    """To whom results are told, in any thread."""

    def tell(self, message: object) -> None:
        """Of a finding, or a question."""

    def answer(self, box: Answers) -> tuple[Known | None, ...]:
        """Wait for what is put into the box of a question that was told."""
        ...


@dataclass(frozen=True, slots=True)
class Same:
    """The content whose fingerprint was told before."""

    sha256: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a file or a member.

    Attributes:
        content: its fingerprint, or the content that it is a copy of; None where its bytes were
            not had, and ``status`` says why.
        status, reason: of the item itself.
        member: empty for the file.
        size: of the member.
        verdict: of the run's judge on a fingerprint.
    """

    entry: Entry
    content: Fingerprint | Known | Same | None
    status: ItemStatus | None = None
    reason: str | None = None
    member: bytes = b""
    size: int | None = None
    verdict: bytes | None = None
