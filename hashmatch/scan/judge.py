"""Asking somebody about every content, and keeping the answer beside it."""

from __future__ import annotations

from typing import Protocol

from hashmatch.errors import DatabaseError
from hashmatch.fingerprinting import Fingerprint


class Judge(Protocol):
    """Who is asked about each content that a run examines, as a check against a database is.

    Attributes:
        key: canonical text of what is asked, as of a policy, a database and its revision: answers
            under different keys are never mixed.
    """

    @property
    def key(self) -> str: ...

    def __call__(self, fingerprint: Fingerprint) -> bytes:
        """The verdict on one content, the same for the same fingerprint.

        Called from several threads at once.

        Raises:
            HashmatchError: it can't be had; the run ends with it.
        """
        ...


class JudgeFailedError(BaseException):
    """On its way through code that takes any ``Exception`` for a broken archive."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


def judged(judge: Judge | None, made: Fingerprint) -> bytes | None:
    """The verdict on a fingerprint; None where nobody is asked.

    Raises:
        JudgeFailedError: it can't be had.
    """
    if judge is None:
        return None
    try:
        verdict = judge(made)
    except OSError as error:
        # Not to be taken for an error of the file that was asked about.
        raise JudgeFailedError(DatabaseError(f"judge: {error}")) from error
    except Exception as error:
        raise JudgeFailedError(error) from error
    if not isinstance(verdict, bytes):
        raise JudgeFailedError(TypeError(f"judge: expected bytes, got {type(verdict).__name__}"))
    return verdict
