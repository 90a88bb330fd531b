"""Reads CASE/UCO 1.4 documents in JSON-LD: files with hashes in a graph.

Facets and hashes are read where they stand inside their file. In a flattened document they stand
apart, and each hash is a record of its own: nothing is lost for matching, but which hashes belong
to one file is. Source: ucoProject/UCO 1.4.0, its ontology files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hashmatch.algorithms import ALGORITHMS
from hashmatch.exchange.base import ListInfo, ReadOptions
from hashmatch.exchange.case_terms import VERSION, local, nodes, types_of, values
from hashmatch.exchange.case_terms import members as local_members
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_feed import JsonFeedReader, show
from hashmatch.exchange.json_items import JsonItem, JsonItems
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.one_pass import Item
from hashmatch.exchange.pdq_value import read_pdq
from hashmatch.exchange.source import Source
from hashmatch.types import Digests, HashRecord, HashValue, MediaKind, Opinion, Reject

_CONTEXT = "CASE/UCO JSON-LD"
_DIGESTS = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256"}
_PERCEPTUAL = {a.vics_name.upper(): a.name for a in ALGORITHMS.values()}
_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO}
_PRIVATE = {
    "FileFacet": "file name and path",
    "EXIFFacet": "Exif",
    "name": "file name",
    "fileName": "file name",
    "filePath": "file path",
    "createdBy": "Contact",
    "dataPayload": "media bytes",
    "dataPayloadReferenceURL": "address of media bytes",
}
"""Facets and properties that are never kept, and what they are counted as."""
_OWN = frozenset(("@id", "@type", "hasFacet", "tag", "hash", "sizeInBytes", "mimeType"))


def looks_like_case_uco(head: bytes) -> bool:
    """JSON-LD with a graph and UCO's ontology."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        text[:1] in (b"{", b"[")
        and b'"@graph"' in text
        and (b"unifiedcyberontology.org" in text or b'"uco-' in text)
    )


class CaseUcoReader(JsonFeedReader):
    """Reader of a graph, see ``hashmatch.exchange.base.Reader``.

    ``record_key`` is the node's ``@id``. Names, paths, Exif and payloads are left out and counted.
    Hash methods without a place of their own stand in ``extra`` as "hash/<method>".
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        classifier = options.schemes.classifier(VERSION, _CONTEXT, options.scheme)
        super().__init__(
            source, options, ListInfo(VERSION, "graph", _CONTEXT, classifier.default_id)
        )
        self._classifier = classifier

    def _places(self) -> JsonItems:
        payload = lambda name: local(name) == "dataPayload"  # noqa: E731 - one name for one test
        return JsonItems(self._source, arrays=(("@graph",),), drop=payload)

    def _fact(self, name: str, value: Any) -> str | None:
        return None

    def _read(self, number: int, item: JsonItem, value: dict[str, Any]) -> Iterable[Item]:
        node = local_members(value)
        types = types_of(node)
        if "Hash" in types:
            self.warnings["hash apart from its file"] += 1
            content: dict[str, Any] | None = {"hash": [value]}
            facets: list[dict[str, Any]] = []
        elif "ContentDataFacet" in types:
            self.warnings["facet apart from its file"] += 1
            content, facets = node, []
        else:
            facets = nodes(node.get("hasFacet"))
            content = next((f for f in facets if "ContentDataFacet" in types_of(f)), None)
        if content is None or not nodes(content.get("hash")):
            self.warnings["node without hashes"] += 1
            return
        yield self._record(number, node, content, facets)

    def _record(
        self,
        number: int,
        node: dict[str, Any],
        content: dict[str, Any],
        facets: list[dict[str, Any]],
    ) -> HashRecord | Reject:
        fields = FieldReader(number)
        extra: dict[str, str] = {}
        digests, hashes = _hashes(fields, nodes(content.get("hash")), extra)
        key = node.get("@id")
        if not digests and not hashes:
            return fields.refuse_record("no usable hash")
        if not isinstance(key, str) or not key:
            name, text = (digests.items() or [(hashes[0].algorithm, hashes[0].hex)])[-1]
            key = f"{name}:{text}"
        mime = next((m for m in values(content.get("mimeType")) if isinstance(m, str)), None)
        kind = _KINDS.get((mime or "").partition("/")[0].lower())
        if kind is None and any("RasterPictureFacet" in types_of(f) for f in facets):
            kind = MediaKind.IMAGE
        stated = next(iter(values(content.get("sizeInBytes"))), None)
        size = fields.whole_number("sizeInBytes", stated)
        if size == 0:
            return fields.refuse_record("zero-size media")
        self._keep(extra, "", node)
        self._keep(extra, "content/", content if content is not node else {})
        for facet in facets:
            self._facet(extra, facet, content)
        return HashRecord(
            record_key=key,
            position=number,
            digests=digests,
            opinion=self._opinion(node, facets),
            kind=kind or (MediaKind.OTHER if mime else MediaKind.UNKNOWN),
            mime=mime,
            size=size,
            hashes=hashes,
            extra=extra,
            rejects=tuple(fields.rejects),
        )

    def _opinion(self, node: dict[str, Any], facets: list[dict[str, Any]]) -> Opinion:
        classes = [
            text
            for facet in facets
            if "ArtifactClassificationResultFacet" in types_of(facet)
            for one in nodes(facet.get("classification"))
            for text in values(one.get("class"))
            if isinstance(text, str)
        ]
        code = ",".join(sorted(set(classes))) or None
        verdict = self._classifier.classify(code)
        tags = tuple(t for t in values(node.get("tag")) if isinstance(t, str))
        return Opinion(verdict.scheme, code, verdict.label, tags=tags, facts=verdict.facts)

    def _facet(self, extra: dict[str, str], facet: dict[str, Any], content: dict[str, Any]) -> None:
        types = types_of(facet)
        if facet is content or "ArtifactClassificationResultFacet" in types:
            return
        name = min(types, default="facet")
        private = next((_PRIVATE[t] for t in sorted(types) if t in _PRIVATE), None)
        if private is not None:
            self.warnings[f"dropped {private}"] += 1
            return
        self._keep(extra, f"{name}/", facet)

    def _keep(self, extra: dict[str, str], prefix: str, node: dict[str, Any]) -> None:
        for name, value in node.items():
            if name in _PRIVATE:
                self.warnings[f"dropped {_PRIVATE[name]}"] += 1
            elif name not in _OWN and "hashMethod" not in node:
                extra[prefix + name] = to_json(value)


def _hashes(
    fields: FieldReader, found: list[dict[str, Any]], extra: dict[str, str]
) -> tuple[Digests, tuple[HashValue, ...]]:
    digests: dict[str, str | None] = {}
    hashes: list[HashValue] = []
    for node in found:
        method = next((m for m in values(node.get("hashMethod")) if isinstance(m, str)), "")
        text = next(iter(values(node.get("hashValue"))), None)
        name = method.upper().strip()
        digest = _DIGESTS.get(name.replace("-", ""))
        if digest is not None:
            value = fields.digest(method, digest, text)
            if value is not None and digests.setdefault(digest, value) != value:
                fields.refuse(method, f"{digest} twice with different values", text)
                digests[digest] = None
        elif name in _PERCEPTUAL:
            algorithm = _PERCEPTUAL[name]
            read = (
                read_pdq(fields, method, text)
                if algorithm == "pdq"
                else fields.perceptual(method, algorithm, text)
            )
            hashes += [] if read is None else [read]
        elif method and isinstance(text, str) and text:
            extra[f"hash/{method[:80]}"] = text
        else:
            fields.refuse("hash", "hash without method or value", show(node))
    return Digests(**digests), tuple(hashes)
