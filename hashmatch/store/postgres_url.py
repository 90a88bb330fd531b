"""A PostgreSQL URL as what it says: connection parameters, and a form that can be shown."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from hashmatch.errors import InputError

CONNECT_TIMEOUT_S = 10
_EXPECTED = "database URL: expected postgresql://user@host:port/database?option=value"
# libpq takes the first "@" as the end of the password, whatever follows: then the rest of a
# password would pass for a host, and be shown.
_FORM = re.compile(
    r"postgres(?:ql)?://(?:[^:@/?#]*(?::[^:@/?#]*)?@)?[^@/?#]*(?:/[^@/?#]*)?(?:\?[^#]*)?",
    re.IGNORECASE,
)
_PORTS = re.compile(r"[0-9]*(?:,[0-9]*)*")


@dataclass(frozen=True, slots=True)
class PostgresTarget:
    """Where a server's database is, and how to connect.

    Attributes:
        where: URL without password and options, for messages.
        parameters: keywords of libpq; they may hold a password and are never shown.
    """

    where: str
    parameters: dict[str, str | int] = field(repr=False)


def parse_url(url: str) -> PostgresTarget:
    """Read a URL as libpq does: hosts, ports, sockets ("%2Frun%2Fpostgresql") and its options.

    A server that is not on this machine has to prove who it is (``sslmode=verify-full``) unless
    the URL or ``PGSSLMODE`` says otherwise: libpq's own default would do without encryption.

    Raises:
        InputError: it can't be read, or names no database. The message never quotes it.
    """
    if _FORM.fullmatch(url) is None or "\0" in url:
        raise InputError(
            f"{_EXPECTED}, got another form (not shown: it may hold a password); "
            "':', '@', '/', '?', '#' and '%' in names and passwords are percent-encoded"
        )
    try:
        # Without its scheme in lower case libpq takes it for no URL.
        stated = conninfo_to_dict(url[: url.index(":")].lower() + url[url.index(":") :])
    except psycopg.Error:
        # Neither its text nor the error itself: both can hold the password.
        raise InputError(
            f"{_EXPECTED}, got something that libpq can't read (not shown: it may hold a password)"
        ) from None
    parameters: dict[str, str | int] = {
        name: value for name, value in stated.items() if value is not None
    }
    if not parameters.get("dbname"):
        raise InputError(f"{_EXPECTED}, got none of a database")
    if not _PORTS.fullmatch(str(parameters.get("port", "5432"))):
        raise InputError(f"{_EXPECTED}, got a port that is no number")
    parameters.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    parameters.setdefault("application_name", "hashmatch")
    parameters["client_encoding"] = "utf8"
    if not _is_local(parameters) and "PGSSLMODE" not in os.environ:
        parameters.setdefault("sslmode", "verify-full")
    return PostgresTarget(_shown(parameters), parameters)


def _is_local(parameters: dict[str, str | int]) -> bool:
    hosts = str(parameters.get("hostaddr") or parameters.get("host") or _default_host())
    return all(map(_is_local_host, hosts.split(",")))


def _default_host() -> str:
    return os.environ.get("PGHOSTADDR") or os.environ.get("PGHOST") or ""


def _is_local_host(host: str) -> bool:
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(parameters: dict[str, str | int]) -> str:
    user = quote(str(parameters.get("user", "")), safe="")
    host = quote(str(parameters.get("host", parameters.get("hostaddr", ""))), safe=":,[]")
    if ":" in host and "," not in host:
        host = f"[{host}]"
    port = str(parameters.get("port", "")).strip(",")
    name = quote(str(parameters["dbname"]), safe="")
    return f"postgresql://{user + '@' if user else ''}{host}{f':{port}' if port else ''}/{name}"
