"""A real PostgreSQL server for tests: its own folder, a unix socket, no network, one password."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

OWNER = "cluster_owner"
REQUIRED = "HASHMATCH_REQUIRE_POSTGRES"
"""Environment variable: where it is 1, tests fail and do not skip for want of a server."""
MIN_VERSION = 15
_UNPRIVILEGED = ("postgres", "nobody")  # the server refuses to run as root
# A test run that is killed leaves no server behind.
_ENDS_WITH_US = ("setpriv", "--pdeathsig", "INT") if shutil.which("setpriv") else ()
_SETTINGS = {
    # Killed processes leave their pages to the kernel: only a power failure would need more.
    "fsync": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
    "client_connection_check_interval": "1s",
}


def find_binaries() -> Path | None:
    """The folder of the newest server that is installed, Debian's or one in ``PATH``."""
    found = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if path.parts[-3].isdecimal() and int(path.parts[-3]) >= MIN_VERSION
    ]
    if found:
        return max(found, key=lambda folder: int(folder.parts[-2]))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """A cluster in a temporary folder, from ``start`` to ``stop``; databases as many as needed."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        # Not pytest's folder, which another account can't enter; and a socket's path is short.
        self.folder = Path(tempfile.mkdtemp(prefix="hashmatch-pg-"))
        self.password = f"secret-{secrets.token_hex(8)}"
        self._account = _account() if os.getuid() == 0 else None
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._own(self.folder)
        try:
            self._initialise()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Of the server's first process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until it answers."""
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [
                    *_ENDS_WITH_US,
                    *(self.binaries / "postgres", "-D", self.folder / "data"),
                    *("-k", self.folder),
                    *(f"--{name}={value}" for name, value in _SETTINGS.items()),
                ],
                stdout=log,
                stderr=log,
                **self._as_account(),
            )
        self.wait()

    def stop(self) -> None:
        """Stop the server that ``start`` started, and remove the folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # open connections are broken off
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """kill -9 of the first process; the others notice and end."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def new_database(self) -> str:
        """URL, with the owner's password, of a database that nobody has written to."""
        name = f"test_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
            )
        return self.url(name)

    def url(self, database: str, *, user: str = OWNER, password: str | None = None) -> str:
        """For ``open_database``."""
        secret = self.password if password is None else password
        return f"postgresql://{user}:{quote(secret)}@{quote(str(self.folder), safe='')}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the owner's beside what is tested, in autocommit."""
        return psycopg.connect(
            host=str(self.folder),
            user=OWNER,
            password=self.password,
            dbname=database,
            autocommit=True,
        )

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        self._own(secret)
        subprocess.run(
            [
                *(self.binaries / "initdb", "-D", self.folder / "data", "-U", OWNER),
                *("--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--encoding=UTF8"),
                # Not C: what must not depend on the order of a language is to show it.
                *("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as_account(),
        )
        secret.unlink()

    def wait(self) -> None:
        """Until it answers."""
        assert self._process is not None
        while True:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended: {(self.folder / 'log').read_text()}")
            try:
                self.connect().close()
            except psycopg.OperationalError:
                try:
                    self._process.wait(timeout=0.05)
                except subprocess.TimeoutExpired:
                    continue
            else:
                return

    def _own(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}


def _account() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(f"no account to run a server as: expected one of {_UNPRIVILEGED}")
