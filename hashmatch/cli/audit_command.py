"""``hashmatch audit``: what was done, proof that the log of it is whole, signatures of it."""

from __future__ import annotations

from typing import Any

import click

from hashmatch.audit import AuditEntry, make_signing_key
from hashmatch.cli.exits import Exit
from hashmatch.cli.options import json_option
from hashmatch.cli.output import console, shown, write_json
from hashmatch.database import open_database

database_argument = click.argument("database", type=click.Path())


@click.group("audit")
def audit_group() -> None:
    """The log of every act: show it, verify it, sign where it stands."""


@audit_group.command("show")
@database_argument
@click.option("--since", type=click.IntRange(min=1), default=1, help="The first entry wanted.")
@click.option("--last", type=click.IntRange(min=1), help="Only so many, from the end.")
@click.option("--action", help="Only this action: import, withdraw, export, check, …")
@click.option("--actor", help="Only what this one did.")
@json_option
def show_command(
    database: str,
    since: int,
    last: int | None,
    action: str | None,
    actor: str | None,
    as_json: bool,
) -> int:
    """Show entries of DATABASE's audit log, oldest first, as they are; `verify` proves them."""
    with open_database(database, read_only=True) as db:
        entries = db.audit_entries(since=since, last=last, action=action, actor=actor)
        if as_json:
            for entry in entries:
                write_json({"schema": "hashmatch.audit.show/1", **entry.to_dict()})
        else:
            # A line each, not a table: a log is long, and is shown as it is read.
            out = console()
            for entry in entries:
                out.print(_line(entry))
    return Exit.DONE


def _line(entry: AuditEntry) -> str:
    return (
        f"{entry.seq}  {shown(entry.at)}  {shown(entry.actor)}  {shown(entry.action)}  "
        f"revision {entry.revision}  {shown(entry.details)}"
    )


@audit_group.command("verify")
@database_argument
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(),
    help="A signed checkpoint that the log must still contain; may be repeated.",
)
@click.option("--public-key", type=click.Path(), help="PEM file that verifies the checkpoints.")
@json_option
def verify_command(
    database: str, checkpoints: tuple[str, ...], public_key: str | None, as_json: bool
) -> int:
    """Recompute DATABASE's audit log from its first entry; the first wrong one is named.

    Exit code 2 if anything is wrong. Without a checkpoint, a log that was rewritten as a whole is
    not found.
    """
    if bool(checkpoints) != (public_key is not None):
        raise click.UsageError("expected --checkpoint and --public-key together")
    with open_database(database, read_only=True) as db:
        count = db.verify_audit(checkpoints, public_key=public_key)
        last = next(db.audit_entries(since=count, last=1))
        where = db.where
    values: dict[str, Any] = {
        "database": where,
        "entries": count,
        "digest": last.digest.hex(),
        "checkpoints": len(checkpoints),
    }
    if as_json:
        write_json({"schema": "hashmatch.audit.verify/1", **values})
    else:
        signed = f", {len(checkpoints)} checkpoints hold" if checkpoints else ""
        console().print(f"{shown(where)}: {count} entries, whole{signed}")
        console().print(f"last entry: {last.digest.hex()}")
    return Exit.DONE


@audit_group.command("checkpoint")
@database_argument
@click.option("--key", required=True, type=click.Path(), help="PEM file of the private key.")
@click.option("--out", required=True, type=click.Path(), help="New file for the checkpoint.")
@json_option
def checkpoint_command(database: str, key: str, out: str, as_json: bool) -> int:
    """Verify DATABASE's audit log and sign its last entry (Ed25519).

    Keep the checkpoint where those who administer the database can't change it.
    """
    with open_database(database) as db:
        made = db.audit_checkpoint(key=key, out=out)
    if as_json:
        write_json({"schema": "hashmatch.audit.checkpoint/1", "file": out, **_unnamed(made)})
    else:
        console().print(f"signed entry {made.seq} at revision {made.revision} into {shown(out)}")
        console().print(f"public key: {made.public_key_sha256}")
    return Exit.DONE


def _unnamed(made: Any) -> dict[str, Any]:
    return {name: value for name, value in made.to_dict().items() if name != "format"}


@audit_group.command("keygen")
@click.option("--out", required=True, type=click.Path(), help="New file for the private key.")
@json_option
def keygen_command(out: str, as_json: bool) -> int:
    """Make a key pair for checkpoints: the private key in OUT, the public one in OUT.pub."""
    public, fingerprint = make_signing_key(out)
    if as_json:
        write_json(
            {
                "schema": "hashmatch.audit.keygen/1",
                "private_key": out,
                "public_key": str(public),
                "public_key_sha256": fingerprint,
            }
        )
    else:
        console().print(f"private key: {shown(out)} (keep it away from the database)")
        console().print(f"public key: {shown(public)}, fingerprint {fingerprint}")
    return Exit.DONE
