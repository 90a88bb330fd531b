"""Roles of a database on a server: their SQL, and applying it."""

from __future__ import annotations

from contextlib import closing

from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.opening import open_database
from hashmatch.errors import InputError
from hashmatch.store import is_postgres, read_revision, run
from hashmatch.store.postgres_roles import ADMIN, IMPORTER, READER, role_statements, roles_script

__all__ = ["ROLES", "apply_roles", "roles_script"]

ROLES = (READER, IMPORTER, ADMIN)
"""Names of the roles, the least first; docs/postgres.md says what each may."""


def apply_roles(url: str, *, actor: str | None = None) -> str:
    """Create the roles where they are missing and give each what it may, in one transaction.

    Args:
        url: of a PostgreSQL database that has hashmatch's tables; its login must own them, or be a
            superuser, and may create roles.
        actor: for the audit log; by default the operating system's account.

    Returns:
        Where it was done: the URL without password.

    Raises:
        InputError: it is no PostgreSQL database.
        DatabaseError: the login may not do that, or the server failed; nothing was changed.
    """
    with closing(open_database(url)) as db, db._store.writing() as connection:
        if not is_postgres(connection):
            raise InputError(f"database: expected one on a PostgreSQL server, got {db.where}")
        for statement in role_statements():
            run(connection, statement)
        AUDIT_LOG.append(
            connection,
            actor=current_actor(actor),
            action="roles",
            revision=read_revision(connection),
            details={"roles": list(ROLES)},
        )
        return db.where
