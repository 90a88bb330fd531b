"""URLs of a server: what they say, what is shown of them, and what never is."""

from __future__ import annotations

import pytest

from hashmatch.errors import InputError
from hashmatch.store.postgres_url import parse_url

SECRET = "s3cr3t-of-tests"  # noqa: S105


@pytest.mark.parametrize(
    ("url", "where", "stated"),
    [
        (
            f"postgresql://u:{SECRET}@h:5433/db",
            "postgresql://u@h:5433/db",
            {"user": "u", "password": SECRET, "host": "h", "port": "5433", "dbname": "db"},
        ),
        (f"postgres://u:{SECRET}@h/db", "postgresql://u@h/db", {"host": "h"}),
        (f"POSTGRESQL://u:{SECRET}@h/db", "postgresql://u@h/db", {"host": "h"}),
        (f"postgresql://u:x?{SECRET}@h/db", "postgresql://u@h/db", {"host": "h"}),
        ("postgresql:///db", "postgresql:///db", {"dbname": "db"}),
        ("postgresql://%2Frun%2Fx/db", "postgresql://%2Frun%2Fx/db", {"host": "/run/x"}),
        ("postgresql://[::1]:1/db", "postgresql://[::1]:1/db", {"port": "1"}),
        (
            f"postgresql://u@a:1,b:2/db?password={SECRET}&target_session_attrs=read-write",
            "postgresql://u@a,b:1,2/db",
            {"password": SECRET, "target_session_attrs": "read-write"},
        ),
        (
            f"postgresql://u%40x:{SECRET}%40%2F@h/d%2Fb",
            "postgresql://u%40x@h/d%2Fb",
            {"user": "u@x", "password": f"{SECRET}@/", "dbname": "d/b"},
        ),
    ],
)
def test_what_a_url_says(url: str, where: str, stated: dict[str, str]) -> None:
    target = parse_url(url)
    assert target.where == where
    assert stated.items() <= target.parameters.items()
    assert SECRET not in repr(target)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{SECRET}@@h/db",
        f"postgresql://u:x@{SECRET}@h/db",
        f"postgresql://u:x/{SECRET}@h/db",
        f"postgresql://u:{SECRET}#x@h/db",
        f"postgresql://u:{SECRET}%zz@h/db",
        f"postgresql://u:{SECRET}@h/db?unknown={SECRET}",
        f"postgresql://u:{SECRET}@h:port/db",
        f"postgresql://u:{SECRET}@h",
        f"postgresql://u:{SECRET}@h/",
        f"postgresql://u:{SECRET}@h/a\0b",
        f"postgresql://u:a:{SECRET}@h/db",
        f"postgresql://{SECRET}@h/db/more",
    ],
)
def test_a_refusal_never_quotes_the_url(url: str) -> None:
    with pytest.raises(InputError, match="database URL: expected") as caught:
        parse_url(url)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert SECRET not in repr(caught.value.args)


@pytest.mark.parametrize(
    ("host", "mode"),
    [
        ("", None),
        ("localhost", None),
        ("127.0.0.1", None),
        ("[::1]", None),
        ("%2Frun%2Fpostgresql", None),
        ("db.example", "verify-full"),
        ("10.0.0.1", "verify-full"),
        ("localhost,db.example", "verify-full"),
    ],
)
def test_a_distant_server_has_to_prove_who_it_is(
    host: str, mode: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGSSLMODE", "PGHOST", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)
    assert parse_url(f"postgresql://u@{host}/db").parameters.get("sslmode") == mode
    chosen = parse_url(f"postgresql://u@{host}/db?sslmode=require").parameters
    assert chosen["sslmode"] == "require"
    monkeypatch.setenv("PGSSLMODE", "require")
    assert "sslmode" not in parse_url(f"postgresql://u@{host}/db").parameters


def test_a_host_from_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.setenv("PGHOST", "db.example")
    assert parse_url("postgresql:///db").parameters["sslmode"] == "verify-full"
