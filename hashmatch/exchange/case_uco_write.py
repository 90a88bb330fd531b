"""Writer of CASE/UCO 1.4 JSON-LD: a graph of files with their hashes, one a line.

Never a payload, a name or a path. ``@id``s are made from what is written (UUID version 5), so that
the same content gives the same bytes. Hash values are upper-case ``xsd:hexBinary``; PDQ and
PhotoDNA are methods outside of the vocabulary, which UCO allows. Source: ucoProject/UCO 1.4.0.
"""

from __future__ import annotations

import json
import uuid
from typing import Any, ClassVar

from hashmatch.algorithms import get_algorithm
from hashmatch.exchange.case_terms import CONTEXT
from hashmatch.exchange.sorted_lines import SortedLinesWriter
from hashmatch.types import HashRecord

_METHODS = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256"}
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://ontology.unifiedcyberontology.org/uco/")
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class CaseUcoWriter(SortedLinesWriter):
    """One ``uco-observable:File`` a record.

    The category is written as its normalised label, tags and series as tags. What has no place in
    UCO (flags, dates, frame numbers, other members) is not written, which the ledger notes.
    """

    HEAD: ClassVar[str] = f'{{"@context":{_json(CONTEXT)},"@graph":[\n'
    BETWEEN: ClassVar[str] = ",\n"
    TAIL: ClassVar[str] = "\n]}\n"

    def _encode(self, record: HashRecord) -> tuple[list[str], str | None] | str:
        hashes = [(_METHODS[name], value.upper()) for name, value in record.digests.items()]
        hashes += sorted(
            {(get_algorithm(h.algorithm).vics_name, h.hex.upper()) for h in record.hashes}
        )
        if not hashes:
            return "no hash"
        opinion = record.opinion
        identity = "\0".join(
            (record.record_key, opinion.label, *(part for pair in hashes for part in pair))
        )

        def node(kind: str, part: str, **members: Any) -> dict[str, Any]:
            name = uuid.uuid5(_NAMESPACE, f"{part}\0{identity}")
            local = kind.partition(":")[2]
            return {"@id": f"kb:{local}-{name}", "@type": kind, **members}

        content: dict[str, Any] = {}
        if record.mime is not None:
            content["uco-observable:mimeType"] = record.mime
        if record.size is not None:
            content["uco-observable:sizeInBytes"] = _typed("integer", str(record.size))
        content["uco-observable:hash"] = [
            node(
                "uco-types:Hash",
                f"hash {method} {value}",
                **{
                    "uco-types:hashMethod": method,
                    "uco-types:hashValue": _typed("hexBinary", value),
                },
            )
            for method, value in hashes
        ]
        facets = [
            node("uco-observable:ContentDataFacet", "content", **content),
            node(
                "uco-analysis:ArtifactClassificationResultFacet",
                "result",
                **{
                    "uco-analysis:classification": node(
                        "uco-analysis:ArtifactClassification",
                        "classification",
                        **{"uco-analysis:class": opinion.label.value},
                    )
                },
            ),
        ]
        file = node("uco-observable:File", "file")
        tags = sorted({*opinion.tags, *opinion.series})
        if tags:
            file["uco-core:tag"] = tags
        file["uco-core:hasFacet"] = facets
        more = bool(record.extra) or opinion.updated_raw is not None or opinion.submissions
        flags = any(getattr(opinion, flag) is not None for flag in ("baseline", *opinion.FLAGS))
        framed = any(h.frame is not None or h.time_s is not None for h in record.hashes)
        note = "members without a place left out" if more or flags or framed else None
        return [_json(file)], note


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}
