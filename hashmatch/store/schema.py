"""The tables of the national database: one schema for every engine.

Nothing is ever deleted: a statement that no longer holds is withdrawn, a media without active
statements is retired. ``*_revision`` columns hold the database revision (``meta.revision``) at
which something became true; a row is *active* while its ``withdrawn_revision`` is NULL and
*live* while its ``retired_revision`` is NULL. Times are UTC, ISO 8601, as text.
``docs/database.md`` explains identity, revision and consolidation. New columns stand last in their
table, where a migration puts them in an older database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from hashmatch.store.text import SafeText

metadata = MetaData()

_BIG = BigInteger().with_variant(Integer, "sqlite")
# On every server texts are equal, and in order, by their bytes: as in SQLite.
_PLAIN = String().with_variant(String(collation="C"), "postgresql")


def _id() -> Column[int]:
    return Column("id", _BIG, primary_key=True, autoincrement=False)


meta = Table(
    "meta",
    metadata,
    Column("key", _PLAIN, primary_key=True),
    Column("value", _PLAIN, nullable=False),
    comment="Facts about the database itself: schema_version, revision, audit_count, audit_head.",
)

source = Table(
    "source",
    metadata,
    _id(),
    Column("name", SafeText, nullable=False, unique=True),
    Column("complete", Boolean, nullable=False, comment="as declared by its latest import"),
    Column("first_revision", _BIG, nullable=False),
    comment="Who says it: one organisation or list.",
)

snapshot = Table(
    "snapshot",
    metadata,
    _id(),
    Column("source_id", _BIG, ForeignKey("source.id"), nullable=False),
    Column("file_name", SafeText, comment="name only, no directories; NULL: not from a file"),
    Column("file_sha256", LargeBinary),
    Column("size", _BIG, comment="bytes of the file"),
    Column("format", SafeText),
    Column("scheme", SafeText),
    Column("actor", SafeText, nullable=False),
    Column("imported_at", _PLAIN, nullable=False),
    Column("revision", _BIG, nullable=False, comment="the database's revision after the import"),
    Column("seen", _BIG, nullable=False),
    Column("accepted", _BIG, nullable=False),
    Column("added", _BIG, nullable=False),
    Column("unchanged", _BIG, nullable=False),
    Column("merged", _BIG, nullable=False),
    Column("rejected", _BIG, nullable=False),
    Column("superseded", _BIG, nullable=False),
    Column("withdrawn", _BIG, nullable=False),
    Column("tool_version", _PLAIN, nullable=False),
    Column("incomplete", SafeText, comment="why the list was read only in part; NULL: it was not"),
    comment="One import of one edition of a source's list.",
)

media = Table(
    "media",
    metadata,
    _id(),
    Column("md5", LargeBinary),
    Column("sha1", LargeBinary),
    Column("sha256", LargeBinary),
    Column("exact_key", LargeBinary, comment="identity where no digest decides it"),
    Column("first_revision", _BIG, nullable=False),
    Column("merged_into", _BIG, ForeignKey("media.id"), comment="the media that took its place"),
    Column("retired_revision", _BIG, comment="since when no active statement belongs to it"),
    Column(
        "since_revision",
        _BIG,
        nullable=False,
        server_default="0",
        comment="since when the row is as it is; what it was before is in media_history",
    ),
    comment="One distinct file. Its digests are the union of what its active statements state.",
)

media_history = Table(
    "media_history",
    metadata,
    Column("media_id", _BIG, ForeignKey("media.id"), nullable=False),
    Column("from_revision", _BIG, nullable=False, comment="the first at which it was so"),
    Column("until_revision", _BIG, nullable=False, comment="the first at which it was not"),
    Column("md5", LargeBinary),
    Column("sha1", LargeBinary),
    Column("sha256", LargeBinary),
    Column("exact_key", LargeBinary),
    comment="Digests that a live media had before its row changed or was retired.",
)

opinion = Table(
    "opinion",
    metadata,
    _id(),
    Column("source_id", _BIG, ForeignKey("source.id"), nullable=False),
    Column("record_key", SafeText, nullable=False, comment="the source's own key of the entry"),
    Column("content_digest", LargeBinary, nullable=False, comment="of all that it states"),
    Column("media_id", _BIG, ForeignKey("media.id"), nullable=False),
    Column("first_snapshot_id", _BIG, ForeignKey("snapshot.id"), nullable=False),
    Column("last_snapshot_id", _BIG, ForeignKey("snapshot.id"), nullable=False),
    Column("first_revision", _BIG, nullable=False),
    Column("withdrawn_revision", _BIG),
    Column("withdrawn_at", _PLAIN),
    Column("withdrawn_reason", _PLAIN, comment="superseded | absent | withdrawn"),
    Column("stated_md5", LargeBinary),
    Column("stated_sha1", LargeBinary),
    Column("stated_sha256", LargeBinary),
    Column("kind", _PLAIN, nullable=False),
    Column("mime", SafeText),
    Column("size", _BIG, comment="bytes of the medium, as stated"),
    Column("scheme", SafeText, nullable=False),
    Column("raw_category", SafeText),
    Column("label", _PLAIN, nullable=False),
    Column("baseline", Boolean),
    Column("victim_identified", Boolean),
    Column("offender_identified", Boolean),
    Column("distributed", Boolean),
    Column("self_generated", Boolean),
    Column("suspected", Boolean),
    Column("precategorized", Boolean),
    Column("file_available", Boolean),
    Column("submissions", _BIG),
    Column("series", _PLAIN, nullable=False, comment="JSON list"),
    Column("tags", _PLAIN, nullable=False, comment="JSON list"),
    Column("updated_raw", SafeText),
    Column("extra", _PLAIN, nullable=False, comment="JSON object"),
    Column(
        "facts",
        _PLAIN,
        nullable=False,
        server_default="{}",
        comment="what is depicted, as far as it is stated: canonical JSON object",
    ),
    comment="One statement: what one record of one source says about one media.",
)

hash_value = Table(
    "hash",
    metadata,
    _id(),
    Column("opinion_id", _BIG, ForeignKey("opinion.id"), nullable=False),
    Column("algorithm", _PLAIN, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("quality", Integer),
    Column("matchable", Boolean, nullable=False),
    Column("reason", _PLAIN, comment="why it is never matched"),
    Column("frame", _BIG, comment="number of the video's frame, from 0; NULL: not of a frame"),
    Column("time_s", Double, comment="seconds from the video's beginning"),
    comment="A perceptual hash that a statement asserts; active while its statement is.",
)

opinion_history = Table(
    "opinion_history",
    metadata,
    Column("opinion_id", _BIG, ForeignKey("opinion.id"), nullable=False),
    Column("media_id", _BIG, ForeignKey("media.id"), nullable=False),
    Column("until_revision", _BIG, nullable=False, comment="the first at which it was elsewhere"),
    comment="Media that a statement belonged to before media were merged or separated.",
)

sighting = Table(
    "sighting",
    metadata,
    _id(),
    Column("opinion_id", _BIG, ForeignKey("opinion.id"), nullable=False),
    Column("content_digest", LargeBinary, nullable=False, comment="of all that it states"),
    Column("first_revision", _BIG, nullable=False),
    Column("case_key", SafeText, comment="the case's own number, without one its id"),
    Column("file_name", SafeText),
    Column("file_path", SafeText),
    Column("parent_path", SafeText),
    Column("created_raw", SafeText),
    Column("written_raw", SafeText),
    Column("accessed_raw", SafeText),
    Column("extra", _PLAIN, nullable=False, comment="JSON object"),
    comment="Where a case found the medium of a statement; it holds as long as the statement.",
)

revision_log = Table(
    "revision_log",
    metadata,
    Column("revision", _BIG, primary_key=True, autoincrement=False),
    Column("at", _PLAIN, nullable=False),
    Column("action", _PLAIN, nullable=False, comment="import | withdraw | migrate"),
    Column("source_id", _BIG, ForeignKey("source.id")),
    Column("snapshot_id", _BIG, ForeignKey("snapshot.id")),
    Column("first_opinion_id", _BIG, nullable=False, comment="opinions it added start here"),
    Column("first_hash_id", _BIG, nullable=False, comment="hashes it added start here"),
    comment="One change of content: when it was, and which rows it added.",
)

known_set = Table(
    "known_set",
    metadata,
    _id(),
    Column("name", SafeText, nullable=False, unique=True),
    Column("list_name", SafeText, nullable=False, comment="file name only, no directories"),
    Column("list_sha256", LargeBinary, nullable=False),
    Column("records", _BIG, nullable=False),
    Column("actor", SafeText, nullable=False),
    Column("added_at", _PLAIN, nullable=False),
    Column("overlap", _BIG, nullable=False, comment="media that are illegal to another list"),
    Column("files", _PLAIN, nullable=False, comment="JSON object: digest name to file and its sum"),
    comment="A set of digests of known, harmless files, kept as files beside the database.",
)

reject = Table(
    "reject",
    metadata,
    _id(),
    Column("snapshot_id", _BIG, ForeignKey("snapshot.id"), nullable=False),
    Column("position", _BIG, nullable=False, comment="1-based line or record number"),
    Column("record_key", SafeText, comment="NULL: the whole record was refused"),
    Column("field", SafeText),
    Column("reason", SafeText, nullable=False),
    Column("raw", SafeText, nullable=False, comment="cut to a bounded length"),
    comment="What an import refused: the first of each snapshot, up to a limit.",
)

audit = Table(
    "audit",
    metadata,
    Column("seq", _BIG, primary_key=True, autoincrement=False, comment="1, 2, 3, without gaps"),
    Column("at", _PLAIN, nullable=False),
    Column("actor", SafeText, nullable=False),
    Column("action", SafeText, nullable=False),
    Column("revision", _BIG, nullable=False),
    Column("details", _PLAIN, nullable=False, comment="canonical JSON"),
    Column("previous_digest", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    comment="Append-only log of acts; each entry seals the one before it.",
)
