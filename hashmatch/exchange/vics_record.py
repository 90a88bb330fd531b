"""The members of one VICS media object to a HashRecord, or to a reject with the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from hashmatch.exchange.drafts import DigestsDraft, HashRecordDraft, OpinionDraft, seal
from hashmatch.exchange.fields import FieldReader
from hashmatch.exchange.json_lenient import Pairs
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.memory import Memory
from hashmatch.exchange.schemes import NO_MEANING, Classifier
from hashmatch.exchange.vics_hashes import FIELD, read_alternative_hashes
from hashmatch.exchange.vics_keys import KEPT, Plan, Plans, route
from hashmatch.exchange.vics_nested import DUPLICATE, merged
from hashmatch.exchange.vics_places import PLACE_KINDS, read_places
from hashmatch.exchange.vics_plain import PlainRecords, Tags
from hashmatch.exchange.vics_values import kind_of, read_list, split_list, without_baseline
from hashmatch.exchange.vics_walk import REST_OF_CASE, Members
from hashmatch.types import NOTHING, Digests, HashRecord, HashValue, Opinion, Reject

FLAGS = (
    ("IsDistributed", "distributed"),
    ("VictimIdentified", "victim_identified"),
    ("OffenderIdentified", "offender_identified"),
    ("IsPrecategorized", "precategorized"),
    ("IsSuspected", "suspected"),
    ("SelfGenerated", "self_generated"),
)
"""Tri-state members and the fields of ``Opinion`` that hold them."""

_BYTES = re.compile(r"\s*([0-9]{1,19})\s*bytes?\s*", re.IGNORECASE).fullmatch
_KNOWN = frozenset(KEPT)
_UNIQUE = frozenset(("MD5", "SHA1", "SHA256", "PhotoDNA"))


class RecordBuilder:
    """Builds the records of one list.

    Args:
        classifier: the list's category schemes.
        warnings: counts what is tolerated.
    """

    def __init__(self, classifier: Classifier, warnings: Counter[str]) -> None:
        self._classifier = classifier
        self._warnings = warnings
        self._plans = Plans()
        self._kinds = Memory(kind_of)
        self._series = Memory(split_list)
        self._tags: Memory[str, Tags] = Memory(lambda text: without_baseline(split_list(text)))
        self._json = Memory(to_json)
        self._plain = PlainRecords(
            kinds=self._kinds,
            series=self._series,
            tags=self._tags,
            json=self._json,
            classifier=classifier,
            warnings=warnings,
        )

    def build(
        self, members: Members, position: int, around: Pairs | None
    ) -> HashRecord | Reject | None:
        """The record, or why it is refused; None for a case that is no medium itself.

        Args:
            members: as ``VicsDocument.records`` gives them.
            around: as ``VicsDocument.around`` says.
        """
        values: dict[str, Any] = dict(members) if isinstance(members, tuple) else members
        plan = self._plans[tuple(values)]
        if around is None and values is members:
            record = self._plain.record(values, plan, position)
            if record is not None:
                return record
        in_case = around is not None and around is not REST_OF_CASE
        if plan.dropped:
            self._count_dropped(members, plan, in_case)
        if not plan.says_hash:
            if around is REST_OF_CASE:
                return None
            if around is None and plan.names_case:
                self._warnings["case without media"] += 1
                return None
        fields = FieldReader(position)
        inherited: Pairs = around if around is not None and in_case else ()
        extra: dict[str, str] = {}
        if plan.plain and len(values) == len(members) and not (inherited and plan.names_case):
            for name, value in inherited:
                self._keep(extra, name, value)
            for member, name in plan.other:
                self._keep(extra, name, values[member])
        else:
            pairs = members if isinstance(members, tuple) else tuple(members.items())
            values, extra = self._settled((*inherited, *pairs), fields)
        get = values.get
        md5 = fields.digest("MD5", "md5", get("MD5"))
        sha1 = fields.digest("SHA1", "sha1", get("SHA1"))
        sha256 = fields.digest("SHA256", "sha256", get("SHA256"))
        hashes: tuple[HashValue, ...] = ()
        photodna = fields.perceptual("PhotoDNA", "photodna", get("PhotoDNA"))
        if photodna is not None:
            hashes = (photodna,)
        if get(FIELD) is not None:
            found = read_alternative_hashes(merged(values[FIELD], self._warnings), fields)
            md5 = _agreed("md5", md5, found.digests, fields)
            sha1 = _agreed("sha1", sha1, found.digests, fields)
            sha256 = _agreed("sha256", sha256, found.digests, fields)
            hashes = _distinct((*hashes, *found.hashes))
            if found.others:
                extra[FIELD] = to_json(found.others)
        key = _record_key(md5, sha1, sha256, hashes)
        if key is None:
            return fields.refuse_record("no usable hash")
        size = fields.whole_number("MediaSize", self._without_unit(get("MediaSize")))
        if size == 0:
            return fields.refuse_record("zero-size media")
        kind, mime = self._kinds[fields.text("MimeType", get("MimeType")) or ""]
        before = len(fields.rejects)
        opinion = self._opinion(values, fields)
        if values is members and len(fields.rejects) == before:
            self._plain.learn(values, opinion)
        made = HashRecordDraft(
            record_key=key,
            position=position,
            digests=seal(DigestsDraft(md5, sha1, sha256), Digests),
            opinion=opinion,
            kind=kind,
            mime=mime,
            size=size,
            hashes=hashes,
            extra=extra or NOTHING,
            seen_at=read_places(members, inherited, fields) if in_case and plan.dropped else (),
            rejects=tuple(fields.rejects),
        )
        return seal(made, HashRecord)

    def _without_unit(self, size: Any) -> Any:
        """ "488 bytes" is 488."""
        if type(size) is str and (with_unit := _BYTES(size)) is not None:
            self._warnings["size with its unit"] += 1
            return with_unit[1]
        return size

    def _count_dropped(self, members: Members, plan: Plan, in_case: bool) -> None:
        """Each kind once a record, and only where something was there; of cases places are kept."""
        kinds = {k: what for k, what in plan.dropped if not (in_case and what in PLACE_KINDS)}
        pairs = members if isinstance(members, tuple) else members.items()
        for kind in {kinds[k] for k, v in pairs if k in kinds and v is not None and v != ""}:
            self._warnings[f"dropped {kind}"] += 1

    def _keep(self, extra: dict[str, str], name: str, value: Any) -> None:
        """A member without a place of its own, as JSON text; of two, the last that is not empty."""
        if value is None or value == "":
            return
        if name == "PrecategorizationSource" and "\\" in str(value):
            self._warnings["dropped file path"] += 1  # an old writer's mistake
            return
        if name in extra:
            self._warnings[DUPLICATE] += 1
        if type(value) is str:
            extra[name] = self._json[value]
        else:
            extra[name] = to_json(merged(value, self._warnings))

    def _settled(
        self, members: Pairs, fields: FieldReader
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Known members by name, the others as JSON text; what stands there twice is settled."""
        values: dict[str, Any] = {}
        extra: dict[str, str] = {}
        for key, value in members:
            found = route(key)
            name = found.name
            if not found.kept or value is None or value == "":
                continue
            if name not in _KNOWN:
                self._keep(extra, name, value)
            elif name not in values:
                values[name] = value
            else:
                self._warnings[DUPLICATE] += 1
                if name == FIELD and isinstance(values[name], list) and isinstance(value, list):
                    values[name] = values[name] + value
                elif name in _UNIQUE and not _same(values[name], value):
                    # Which of two digests is right can't be known: neither is taken.
                    fields.refuse(name, f"{name.lower()} conflict", value)
                    values[name] = None
                elif name not in _UNIQUE:
                    values[name] = value
        return values, extra

    def _opinion(self, values: dict[str, Any], fields: FieldReader) -> Opinion:
        get = values.get
        raw = fields.text("Category", get("Category"))
        raw = raw.strip() or None if raw is not None else None
        verdict = self._classifier.classify(raw)
        if not verdict.known:
            self._warnings[NO_MEANING] += 1
        baseline, tags = self._tags_and_baseline(get("Tags"), fields)
        series = get("Series")
        flag = fields.flag
        opinion = OpinionDraft(
            scheme=verdict.scheme,
            raw_category=raw,
            label=verdict.label,
            facts=verdict.facts,
            baseline=baseline,
            victim_identified=flag("VictimIdentified", get("VictimIdentified")),
            offender_identified=flag("OffenderIdentified", get("OffenderIdentified")),
            distributed=flag("IsDistributed", get("IsDistributed")),
            self_generated=flag("SelfGenerated", get("SelfGenerated")),
            suspected=flag("IsSuspected", get("IsSuspected")),
            precategorized=flag("IsPrecategorized", get("IsPrecategorized")),
            series=self._series[series]
            if type(series) is str
            else read_list("Series", merged(series, self._warnings), fields),
            tags=tags,
            updated_raw=fields.text("DateUpdated", get("DateUpdated")),
        )
        return seal(opinion, Opinion)

    def _tags_and_baseline(
        self, value: Any, fields: FieldReader
    ) -> tuple[bool | None, tuple[str, ...]]:
        if value is None:
            return None, ()
        if type(value) is str:
            answers, tags = self._tags[value]
        else:
            answers, tags = without_baseline(
                read_list("Tags", merged(value, self._warnings), fields)
            )
        if not answers:
            return None, tags
        if len(answers) > 1:
            self._warnings["contradictory baseline tags"] += 1
        return True in answers, tags


def _record_key(
    md5: str | None, sha1: str | None, sha256: str | None, hashes: tuple[HashValue, ...]
) -> str | None:
    """MD5 first: it is the digest that every edition of every VICS list carries."""
    if md5 is not None:
        return f"md5:{md5}"
    if sha1 is not None:
        return f"sha1:{sha1}"
    if sha256 is not None:
        return f"sha256:{sha256}"
    return f"{hashes[0].algorithm}:{hashes[0].hex}" if hashes else None


def _agreed(
    name: str, member: str | None, others: list[tuple[str, str]], fields: FieldReader
) -> str | None:
    """The member's digest; without it that of the alternative hashes, where they agree."""
    found = {digest for other, digest in others if other == name}
    known = member or (min(found) if len(found) == 1 else None)
    for digest in sorted(found - {known}):
        fields.refuse(FIELD, f"{name} conflict", digest)
    return known


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one == other or one.strip().lower() == other.strip().lower()
    return False


def _distinct(hashes: Iterable[HashValue]) -> tuple[HashValue, ...]:
    """Each value once, the one with a known quality first; PDQ before PhotoDNA, then by value."""
    best: dict[tuple[str, bytes], HashValue] = {}
    for item in hashes:
        known = best.get((item.algorithm, item.value))
        if known is None or known.quality is None:
            best[item.algorithm, item.value] = item
    return tuple(best[key] for key in sorted(best))
