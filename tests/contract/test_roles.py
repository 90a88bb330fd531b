"""What each role of a server may and may not do, with real logins."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from typing import Any

import psycopg
import pytest
from command import invoke
from database.samples import digests, many_records, pdq, record
from postgres_server import PostgresServer
from psycopg import sql

from hashmatch.database import ROLES, apply_roles, open_database, roles_script
from hashmatch.errors import DatabaseError, InputError
from hashmatch.matching import Checker
from hashmatch.store.schema import metadata
from hashmatch.types import Deletion

READER, IMPORTER, ADMIN = ROLES
GONE = Deletion(record_key="md5:3", position=1, reason="withdrawn", raw="")
_numbers = count(1)


class Site:
    """A database with roles, and a login in each of them and in none."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.owner = server.new_database()
        self.name = self.owner.rpartition("/")[2]
        with open_database(self.owner, create=True) as db:
            db.import_records([record("a", hashes=(pdq(1),))], source="s")
        self.applied = apply_roles(self.owner)
        number = next(_numbers)
        self.logins = {role: f"login_{number}_{role}" for role in (*ROLES, "nobody")}
        with server.connect() as owner:
            for role, login in self.logins.items():
                name = sql.Identifier(login)
                owner.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, server.password)
                )
                if role in ROLES:
                    owner.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), name))

    def url(self, role: str) -> str:
        return self.server.url(self.name, user=self.logins[role])

    def connect(self, role: str) -> psycopg.Connection[tuple[Any, ...]]:
        connection = psycopg.connect(self.url(role), autocommit=True)
        connection.execute("SET search_path = hashmatch")
        return connection


@pytest.fixture(scope="module")
def site(postgres: PostgresServer) -> Site:
    return Site(postgres)


def test_an_importer_imports_withdraws_and_exports(site: Site, tmp_path: Any) -> None:
    with open_database(site.url(IMPORTER)) as db:
        before = db.revision
        # Merging, separating, superseding, complete lists, deletions: all that an import can do.
        db.import_records([record("m", of=digests(md5=71))], source="one")
        db.import_records([record("s", of=digests(sha1=71))], source="two")
        db.import_records([record("both", of=digests(md5=71, sha1=71))], source="three")
        db.withdraw(source="three", record_key="both")
        db.import_records(many_records(40), source="four", complete=True)
        db.import_records(many_records(35), source="four", complete=True)
        db.import_records([GONE, record("md5:4", of=digests(md5=5))], source="four")
        db.export_file(tmp_path / "x.json")
        assert db.revision > before + 5
        assert db.verify_audit() >= 9
        assert db.stats().withdrawn >= 7


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_nobody_but_admins_changes_the_log(site: Site, change: str) -> None:
    for role in (READER, IMPORTER):
        with (
            closing(site.connect(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(change.encode())


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_an_importer_deletes_and_drops_nothing(site: Site, table: str) -> None:
    name = sql.Identifier(table)
    first = sql.Identifier(metadata.tables[table].columns.keys()[0])
    with closing(site.connect(IMPORTER)) as connection:
        for refused in (
            sql.SQL("DELETE FROM {}").format(name),
            sql.SQL("TRUNCATE {}").format(name),
            sql.SQL("DROP TABLE {}").format(name),
            sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(name, first),
            sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(name),
            # Of no table the key: rows keep their identity.
            sql.SQL("UPDATE {} SET {} = {}").format(name, first, first),
            sql.SQL("CREATE INDEX ON {} ({})").format(name, first),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE opinion SET label = 'csam'",
        "UPDATE hash SET matchable = true",
        "UPDATE media SET first_revision = 0",
        "UPDATE snapshot SET actor = 'x'",
        "UPDATE source SET name = 'x'",
        "INSERT INTO meta (key, value) VALUES ('x', 'y')",
        "ALTER TABLE meta DISABLE ROW LEVEL SECURITY",
        "DROP POLICY hashmatch_imports ON meta",
        "CREATE TABLE hashmatch.x (a int)",
        "DROP SCHEMA hashmatch CASCADE",
        "SET ROLE hashmatch_admin",
    ],
)
def test_what_else_an_importer_may_not(site: Site, change: str) -> None:
    with (
        closing(site.connect(IMPORTER)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(change.encode())


def test_an_importer_moves_the_revision_and_the_head_of_the_log_only(site: Site) -> None:
    with closing(site.connect(IMPORTER)) as connection:
        rows = connection.execute("SELECT key FROM meta ORDER BY key").fetchall()
        changed = connection.execute("UPDATE meta SET value = value RETURNING key").fetchall()
    assert {row[0] for row in rows} >= {"schema_version", "database_id", "history_from"}
    assert {row[0] for row in changed} == {"revision", "audit_count", "audit_head"}


def test_a_reader_checks_and_writes_nothing(site: Site) -> None:
    with open_database(site.url(READER)) as db:
        checker = Checker(db, audit=False)
        found = checker.check_hash("pdq", pdq(1).hex, quality=100)
        assert found.matches
        assert db.stats().media > 0
        assert db.verify_audit() > 0
        for write in (
            lambda: db.import_records([record("b")], source="s"),
            lambda: db.withdraw(source="s", record_key="a"),
            lambda: db.record_audit("check", {}),
        ):
            with pytest.raises(DatabaseError, match="which role may"):
                write()
        assert db.stats().media > 0


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_a_reader_changes_no_table(site: Site, table: str) -> None:
    column = sql.Identifier(metadata.tables[table].columns.keys()[-1])
    name = sql.Identifier(table)
    with closing(site.connect(READER)) as connection:
        for refused in (
            sql.SQL("DELETE FROM {}").format(name),
            sql.SQL("UPDATE {} SET {} = {}").format(name, column, column),
            sql.SQL("INSERT INTO {} SELECT * FROM {}").format(name, name),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused)


def test_a_login_without_a_role_sees_nothing(site: Site) -> None:
    with pytest.raises(DatabaseError):
        open_database(site.url("nobody"))


def test_an_admin_owns_everything_and_may_purge(site: Site) -> None:
    with closing(site.connect(ADMIN)) as connection:
        owners = connection.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'hashmatch'"
        ).fetchall()
        connection.execute("DELETE FROM reject")
    assert owners == [(ADMIN,)]


def test_only_an_admin_purges(site: Site) -> None:
    with open_database(site.url(IMPORTER)) as db:
        db.import_records([record("gone", of=digests(sha1=77))], source="purged")
        db.withdraw(source="purged", record_key="gone")
        with pytest.raises(DatabaseError):
            db.purge(withdrawn_before=datetime.now(UTC))
        assert list(db.show(digests(sha1=77)))
    with open_database(site.url(ADMIN)) as db:
        report = db.purge(withdrawn_before=datetime.now(UTC))
        assert (report.by_source["purged"], report.compacted) == (1, False)
        assert list(db.show(digests(sha1=77))) == []
        db.verify_audit()


def test_applying_again_takes_back_what_was_granted_since(site: Site) -> None:
    with closing(site.connect(ADMIN)) as connection:
        connection.execute("GRANT DELETE, UPDATE (actor) ON audit TO hashmatch_importer")
        connection.execute("GRANT SELECT ON audit TO PUBLIC")
    apply_roles(site.url(ADMIN))
    test_nobody_but_admins_changes_the_log(site, "UPDATE audit SET actor = 'x'")
    test_nobody_but_admins_changes_the_log(site, "DELETE FROM audit")


def test_the_printed_script_is_what_psql_takes(site: Site) -> None:
    with site.server.connect(site.name) as owner:
        owner.execute(roles_script().encode())
    with open_database(site.url(IMPORTER)) as db:
        assert db.import_records([record("after")], source="s").added == 1


def test_tables_of_later_versions_can_be_read_by_all_roles(site: Site) -> None:
    with closing(site.connect(ADMIN)) as connection:
        connection.execute("SET ROLE hashmatch_admin")
        connection.execute("CREATE TABLE hashmatch.later (a int)")
    with closing(site.connect(READER)) as connection:
        assert connection.execute("SELECT count(*) FROM later").fetchone() == (0,)
    with closing(site.connect(ADMIN)) as connection:
        connection.execute("DROP TABLE hashmatch.later")


def test_an_sqlite_file_has_no_roles(tmp_path: Any) -> None:
    path = str(tmp_path / "x.db")
    with open_database(path, create=True):
        pass
    with pytest.raises(InputError, match="PostgreSQL"):
        apply_roles(path)


def test_the_command_prints_and_applies(
    site: Site, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert invoke(capfdbinary, "db", "roles").out == roles_script()
    assert invoke(capfdbinary, "db", "roles", "--json").json[0]["sql"] == roles_script()
    (done,) = invoke(capfdbinary, "db", "roles", "--apply", site.owner, "--json").json
    assert invoke(capfdbinary, "db", "roles", site.owner).code == 2
    assert done["roles"] == [*ROLES]
    assert done["database"] == site.applied
    assert site.server.password not in str(done)
