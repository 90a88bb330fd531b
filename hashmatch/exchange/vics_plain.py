"""The common VICS record, built in one go: a hash set is made of little else.

What this gives is what ``RecordBuilder`` would give member by member; where anything about a record
is not as expected, there is no answer here, and the builder goes the long way.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hashmatch.exchange.drafts import (
    DigestsDraft,
    HashRecordDraft,
    OpinionDraft,
    seal,
)
from hashmatch.exchange.fields import HEX_DIGEST, INT64_DIGITS, INT64_MAX, is_worthless
from hashmatch.exchange.json_text import to_json
from hashmatch.exchange.memory import Memory
from hashmatch.exchange.schemes import NO_MEANING, Classifier
from hashmatch.exchange.vics_hashes import FIELD
from hashmatch.exchange.vics_keys import Plan
from hashmatch.exchange.vics_plain_hashes import plain_hashes
from hashmatch.types import NOTHING, Digests, HashRecord, MediaKind, Opinion

_MD5, _SHA1 = HEX_DIGEST["md5"], HEX_DIGEST["sha1"]
_MAX_SAID = 4096
_MAX_CATEGORY = 40

Tags = tuple[frozenset[bool], tuple[str, ...]]
"""What the tags say of the Baseline, and the others."""
Said = tuple[Any, ...]
"""Category and flags as the list has them."""


class PlainRecords:
    """Builds records from members that ``parse_flat`` gives.

    Args:
        kinds, series, tags, json, classifier, warnings: the builder's.
    """

    def __init__(
        self,
        *,
        kinds: Memory[str, tuple[MediaKind, str | None]],
        series: Memory[str, tuple[str, ...]],
        tags: Memory[str, Tags],
        json: Memory[str, str],
        classifier: Classifier,
        warnings: Counter[str],
    ) -> None:
        self._kinds = kinds
        self._series = series
        self._tags = tags
        self._json = json
        self._classifier = classifier
        self._warnings = warnings
        self._said: dict[Said, Said] = {}

    def learn(self, values: dict[str, Any], opinion: Opinion) -> None:
        """Remember what a record's category and flags mean, of which none was refused."""
        get = values.get
        category = get("Category")
        if len(str(category)) > _MAX_CATEGORY:
            return
        if len(self._said) >= _MAX_SAID:
            self._said.clear()
        said = (
            *(category, get("VictimIdentified"), get("OffenderIdentified"), get("IsDistributed")),
            *(get("SelfGenerated"), get("IsSuspected"), get("IsPrecategorized")),
        )
        self._said[said] = (
            *(opinion.scheme, opinion.raw_category, opinion.label, opinion.victim_identified),
            *(opinion.offender_identified, opinion.distributed, opinion.self_generated),
            *(opinion.suspected, opinion.precategorized, opinion.facts),
            self._classifier.classify(opinion.raw_category).known,
        )

    def record(self, values: dict[str, Any], plan: Plan, position: int) -> HashRecord | None:
        """The record, or None for one that has to be built the long way.

        Args:
            values: members by their name in the file; texts, whole numbers, True, False, None.
            plan: of these names.
            position: the record's number.
        """
        get = values.get
        md5, sha1, photodna, size = get("MD5"), get("SHA1"), get("PhotoDNA"), get("MediaSize")
        category, series, tags = get("Category"), get("Series"), get("Tags")
        updated, mime = get("DateUpdated"), get("MimeType")
        if (
            not plan.common
            # True is equal to 1, and no category.
            or type(category) is bool
            or type(md5) is not str
            or not _MD5(md5)
            or not (sha1 is None or (type(sha1) is str and _SHA1(sha1)))
            or not (series is None or type(series) is str)
            or not (tags is None or type(tags) is str)
            or not (mime is None or type(mime) is str)
            or not (updated is None or type(updated) is str)
        ):
            return None
        if type(size) is str and size.isdigit() and size.isascii() and len(size) < INT64_DIGITS:
            size = int(size)
        if size is not None and not (type(size) is int and 0 < size <= INT64_MAX):
            return None
        said = self._said.get(
            (
                category,
                get("VictimIdentified"),
                get("OffenderIdentified"),
                get("IsDistributed"),
                get("SelfGenerated"),
                get("IsSuspected"),
                get("IsPrecategorized"),
            )
        )
        if said is None:
            return None
        md5 = md5.lower()
        if is_worthless(md5):
            return None
        if sha1 is not None:
            sha1 = sha1.lower()
            if is_worthless(sha1):
                return None
        hashes = plain_hashes(photodna, get(FIELD))
        if hashes is None:
            return None
        extra: dict[str, str] = {}
        for member, name in plan.other:
            other = values[member]
            if type(other) is str:
                if "\\" in other:
                    return None  # perhaps a path
                if other:
                    extra[name] = self._json[other]
            elif other is not None:
                extra[name] = to_json(other)
        answers, tags = self._tags[tags or ""]
        if len(answers) > 1:
            return None
        kind, mime = self._kinds[mime or ""]
        (
            scheme,
            raw,
            label,
            victim,
            offender,
            distributed,
            own,
            suspected,
            precategorized,
            facts,
            has_meaning,
        ) = said
        if not has_meaning:
            self._warnings[NO_MEANING] += 1
        opinion = OpinionDraft(
            scheme,
            raw,
            label,
            (True in answers) if answers else None,
            victim,
            offender,
            distributed,
            own,
            suspected,
            precategorized,
            None,
            None,
            self._series[series or ""],
            tags,
            updated or None,
            facts,
        )
        record = HashRecordDraft(
            f"md5:{md5}",
            position,
            seal(DigestsDraft(md5, sha1), Digests),
            seal(opinion, Opinion),
            kind,
            mime,
            size,
            hashes,
            extra or NOTHING,
        )
        return seal(record, HashRecord)
