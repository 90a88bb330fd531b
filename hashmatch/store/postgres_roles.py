"""Least privilege on a server: three roles, and the SQL that gives each what it needs.

Logins are the site's own: ``CREATE ROLE alice LOGIN IN ROLE hashmatch_importer``. Applied again,
the statements bring what was changed since back to this.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

import hashmatch.store.schema as tables
from hashmatch.store.schema import metadata

SCHEMA = "hashmatch"
"""The schema that holds the tables; nothing else of a database is read or written."""
READER, IMPORTER, ADMIN = "hashmatch_reader", "hashmatch_importer", "hashmatch_admin"

# What an import, a withdrawal, an export or a check changes in rows that are there; all else it
# only adds.
IMPORTER_UPDATES: dict[Table, tuple[str, ...]] = {
    tables.meta: ("value",),
    tables.source: ("complete",),
    tables.snapshot: (
        *("revision", "scheme", "format", "incomplete"),
        *("seen", "accepted", "added", "unchanged", "merged"),
        *("rejected", "superseded", "withdrawn"),
    ),
    tables.media: (
        *("md5", "sha1", "sha256", "exact_key"),
        *("merged_into", "retired_revision", "since_revision"),
    ),
    tables.opinion: (
        *("media_id", "last_snapshot_id"),
        *("withdrawn_revision", "withdrawn_at", "withdrawn_reason"),
    ),
}
IMPORTER_META = ("revision", "audit_count", "audit_head")
"""Rows of ``meta`` that an importer may change."""

_quoted = postgresql.dialect().identifier_preparer.quote_identifier  # type: ignore[no-untyped-call]


def role_statements() -> list[str]:
    """SQL statements in their order, for the owner of the tables or a superuser, to be run in the
    database that has them."""
    names = [table.name for table in metadata.sorted_tables]
    every = ", ".join(_table(name) for name in names)
    reader, importer, admin, schema = map(_quoted, (READER, IMPORTER, ADMIN, SCHEMA))
    updates = [
        f"GRANT UPDATE ({_list(columns)}) ON {_table(table.name)} TO {importer}"
        for table, columns in IMPORTER_UPDATES.items()
    ]
    return [
        *map(_create_role, (READER, IMPORTER, ADMIN)),
        # Only a member gives its tables away; a superuser needs no membership.
        _do(
            "IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles "  # noqa: S608 - made of constants
            "WHERE rolname = current_user) THEN "
            + _unless_refused(f"GRANT {admin} TO CURRENT_USER;")
            + " END IF;"
        ),
        f"ALTER SCHEMA {schema} OWNER TO {admin}",
        *(f"ALTER TABLE {_table(name)} OWNER TO {admin}" for name in names),
        *(
            f"REVOKE ALL ON {what} FROM PUBLIC, {reader}, {importer}"
            for what in (f"SCHEMA {schema}", every)
        ),
        # PUBLIC has these unless the database's owner has taken them away.
        _do(
            _unless_refused(
                "EXECUTE format('GRANT CONNECT ON DATABASE %I TO "
                f"{reader}, {importer}, {admin}', current_database()); "
                f"EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {importer}, {admin}', "
                "current_database());"
            )
        ),
        f"GRANT USAGE ON SCHEMA {schema} TO {reader}, {importer}",
        f"GRANT SELECT ON {every} TO {reader}, {importer}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {admin} IN SCHEMA {schema} "
        f"GRANT SELECT ON TABLES TO {reader}, {importer}",
        f"GRANT INSERT ON {', '.join(_table(n) for n in names if n != tables.meta.name)} "
        f"TO {importer}",
        *updates,
        *_meta_policies(),
    ]


def roles_script() -> str:
    """The same as one file for psql, in one transaction."""
    return "BEGIN;\n" + "".join(f"{statement};\n" for statement in role_statements()) + "COMMIT;\n"


def _meta_policies() -> Iterable[str]:
    # A right on a column can't tell rows apart, and ``meta`` has the schema's version too.
    target = _table(tables.meta.name)
    rows = f"{_quoted('key')} IN ({', '.join(f'{key!r}' for key in IMPORTER_META)})"
    reads, writes = _quoted("hashmatch_reads"), _quoted("hashmatch_imports")
    yield f"ALTER TABLE {target} ENABLE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS {reads} ON {target}"
    yield f"DROP POLICY IF EXISTS {writes} ON {target}"
    yield f"CREATE POLICY {reads} ON {target} FOR SELECT USING (true)"
    yield (
        f"CREATE POLICY {writes} ON {target} FOR UPDATE TO {_quoted(IMPORTER)} "
        f"USING ({rows}) WITH CHECK ({rows})"
    )


def _create_role(name: str) -> str:
    return _do(
        f"IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{name}') THEN "
        f"CREATE ROLE {_quoted(name)} NOLOGIN; END IF;"
    )


def _unless_refused(body: str) -> str:
    return f"BEGIN {body} EXCEPTION WHEN insufficient_privilege THEN NULL; END;"


def _do(body: str) -> str:
    return f"DO $do$ BEGIN {body} END $do$"


def _table(name: str) -> str:
    return f"{_quoted(SCHEMA)}.{_quoted(name)}"


def _list(columns: Iterable[str]) -> str:
    return ", ".join(map(_quoted, columns))
