"""What the OData context of a VICS document says: model version, region, kind of document."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hashmatch.exchange.base import Document

CONTEXT_KEYS = frozenset(("odata.metadata", "@odata.context"))
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "2.0")

_MODEL = re.compile(r"ProjectVic/DataModels/([0-9]+\.[0-9]+)\.xml", re.IGNORECASE)
_KIND = re.compile(r"#(Media|Cases)\Z", re.IGNORECASE)
_KINDS: dict[str, Document] = {"media": "hash-set", "cases": "case"}


@dataclass(frozen=True, slots=True)
class VicsContext:
    """A context taken apart; None for what it does not say."""

    version: str | None
    document: Document | None

    @property
    def format(self) -> str:
        """Exact format name, or "vics" where the version is missing or unknown."""
        return f"vics-{self.version}" if self.version in VERSIONS else "vics"


def parse_context(text: str) -> VicsContext:
    model = _MODEL.search(text)
    kind = _KIND.search(text)
    return VicsContext(
        version=model[1] if model else None,
        document=_KINDS[kind[1].lower()] if kind else None,
    )


def make_context(format: str, document: Document, region: str) -> str:
    """The context of a document that is written; models before 2.0 know no regions."""
    kind = "Cases" if document == "case" else "Media"
    if format == "vics-2.0":
        root = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml"
        return f"{root}/{region}/$metadata#{kind}"
    version = format.removeprefix("vics-")
    return f"http://github.com/ICMEC/ProjectVic/DataModels/{version}.xml#{kind}"


def implied_context(format: str) -> str:
    """What a document without a context is taken for when the caller forced the exact format."""
    return f"{format.removeprefix('vics-')}.xml" if format != "vics" else ""
