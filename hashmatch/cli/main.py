"""The command line: ``hashmatch VERB``. One file a verb; errors and exit codes meet here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile
from typing import NoReturn

import click

from hashmatch._version import __version__
from hashmatch.cli import interrupts
from hashmatch.cli.exits import Exit
from hashmatch.cli.output import console, print_error
from hashmatch.errors import HashmatchError

COMMANDS = (
    "hash",
    "check",
    "scan",
    "dedupe",
    "decide",
    "explain",
    "timeline",
    "inspect",
    "convert",
    "db",
    "audit",
    "index",
    "known",
    "calibrate",
    "info",
    "demo",
)
"""In the order of the help. ``x_command.py`` has ``x_command``, or ``x_group`` of several."""


class _Verbs(click.Group):
    """Commands that are loaded when they are called: what one needs costs the others nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"hashmatch.cli.{cmd_name}_command")
        one = getattr(module, f"{cmd_name}_command", None)
        found: click.Command = one or getattr(module, f"{cmd_name}_group")
        return found


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hashmatch")
def cli() -> None:
    """Perceptual hashing and the national hash database for child-protection hotlines."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error ends as one clear line."""
    as_json = "--json" in list(takewhile(lambda word: word != "--", arguments))
    try:
        code = _run(arguments, as_json)
        sys.stdout.flush()
    except OSError as error:
        # What is still to be written can't be; at exit Python would try again and fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print_error(type(error).__name__, f"standard output: {error.strerror}", as_json=False)
        return Exit.FAILED
    return code


def _run(arguments: Sequence[str], as_json: bool) -> int:
    try:
        code = cli.main(list(arguments), prog_name="hashmatch", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except SystemExit:
        # So click and rich end where the reader of the output went away, with code 1. That would
        # say that something matched.
        return Exit.FAILED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return Exit.FAILED
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx is not None:
            console(stderr=True).print(error.ctx.get_usage())
        # Not error.show(): a hostile file name may stand in the message.
        print_error("UsageError", error.format_message(), as_json=as_json)
        return Exit.FAILED
    except (KeyboardInterrupt, click.Abort):
        message = "interrupted; an import was rolled back, files seen so far are listed above"
        print_error("Interrupted", message, as_json=as_json)
        return Exit.INTERRUPTED
    except (HashmatchError, OSError) as error:
        print_error(type(error).__name__, str(error), as_json=as_json)
        return Exit.FAILED
    return int(code or Exit.DONE)


def main() -> NoReturn:
    """The console script."""
    interrupts.listen()
    sys.exit(run(sys.argv[1:]))
