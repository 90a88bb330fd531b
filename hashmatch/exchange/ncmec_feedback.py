"""Feedback on NCMEC's entries: what a page says of it, and the document that gives our own.

The service takes one document for one fingerprint of one entry, by PUT to
``feedback_path(…)`` below the environment's base address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import PathLike
from typing import Any
from urllib.parse import quote

from hashmatch.errors import InputError
from hashmatch.exchange.atomic import AtomicFile
from hashmatch.exchange.xml_entries import Element

NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
FINGERPRINT_TYPES = (
    *("MD5", "SHA1", "PDNA", "PDQ", "NETCLEAN", "VIDENTIFIER", "TMK_PDQF"),
    *("SSVH_PDNA", "SSVH_SAFER_HASH"),
)
_KINDS = {"affirmativeFeedback": "affirmative", "negativeFeedback": "negative"}
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}").fullmatch
_KEY = re.compile(r"([0-9]{1,18})/(?:image|video)/(.+)", re.DOTALL).fullmatch


def feedback_facts(feedback: Element) -> list[dict[str, Any]]:
    """The statements in one ``feedback`` element, as JSON values; empty where it is empty.

    Reasons and the members who gave them stand side by side; members inside a reason are read as
    well, for the public documentation leaves both open.
    """
    facts: list[dict[str, Any]] = []
    for child in feedback.children:
        if child.name not in _KINDS:
            facts.append({"kind": child.name, **child.attributes})
            continue
        fact: dict[str, Any] = {"kind": _KINDS[child.name], **child.attributes}
        reasons: list[dict[str, Any]] = []
        for part in child.children:
            for item in part.children if part.name == "reasons" else (part,):
                if item.name == "reason":
                    reasons.append(dict(item.attributes))
                    for nested in item.children:
                        reasons[-1] |= _members(nested)
                elif item.name == "members":
                    (reasons[-1] if reasons else fact).update(_members(item))
        if reasons:
            fact["reasons"] = reasons
        facts.append(fact)
    return facts


def _members(element: Element) -> dict[str, Any]:
    if element.name != "members":
        return {}
    members = [
        {**member.attributes, **({"name": member.text.strip()} if member.text.strip() else {})}
        for member in element.children
        if member.name == "member"
    ]
    return {"members": members, **element.attributes}


def feedback_path(record_key: str, fingerprint_type: str) -> str:
    """Path of an entry's feedback, below the environment's base address.

    Args:
        record_key: as ``NcmecReader`` gives it.
        fingerprint_type: one of ``FINGERPRINT_TYPES``.

    Raises:
        InputError: another key or type.
    """
    found = _KEY(record_key)
    if found is None:
        raise InputError(
            f"record_key: expected '<member id>/<image or video>/<entry id>', got {record_key!r}"
        )
    if fingerprint_type not in FINGERPRINT_TYPES:
        raise InputError(
            f"fingerprint_type: expected one of {', '.join(FINGERPRINT_TYPES)}, "
            f"got {fingerprint_type!r}"
        )
    return f"/v2/entries/{found[1]}/{quote(found[2], safe='')}/{fingerprint_type}/feedback"


def feedback_document(*, negative_reasons: Sequence[str] = ()) -> bytes:
    """A ``feedbackSubmission``: affirmative, or negative for the reasons that are given.

    Args:
        negative_reasons: guids of reasons, as the environment's list of reasons has them; none
            for an affirmative answer.

    Raises:
        InputError: a reason is no guid, or is given twice.
    """
    guids = [guid.lower() for guid in negative_reasons]
    for guid in guids:
        if not _GUID(guid):
            raise InputError(f"negative_reasons: expected guids, got {guid!r}")
    if len(set(guids)) != len(guids):
        raise InputError("negative_reasons: expected each guid once")
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<feedbackSubmission xmlns="{NAMESPACE}">']
    if guids:
        lines += ["  <negative>", "    <reasonIds>"]
        lines += [f"      <guid>{guid}</guid>" for guid in sorted(guids)]
        lines += ["    </reasonIds>", "  </negative>"]
    else:
        lines.append("  <affirmative/>")
    return "\n".join([*lines, "</feedbackSubmission>", ""]).encode()


def write_feedback(
    path: str | PathLike[str],
    *,
    negative_reasons: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Write a ``feedback_document`` to a file. Errors: its own, and those of ``AtomicFile``."""
    document = feedback_document(negative_reasons=negative_reasons)
    file = AtomicFile(path, overwrite=overwrite)
    try:
        file.write(document)
    except BaseException:
        file.discard()
        raise
    file.commit()
