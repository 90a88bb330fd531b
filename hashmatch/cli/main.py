"""The command line: ``hashmatch VERB``. One file a verb; errors and exit codes meet here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from hashmatch._version import __version__
from hashmatch.cli.check_command import check_command
from hashmatch.cli.db_command import db_group
from hashmatch.cli.demo_command import demo_command
from hashmatch.cli.exits import Exit
from hashmatch.cli.hash_command import hash_command
from hashmatch.cli.info_command import info_command
from hashmatch.cli.output import ERROR_SCHEMA, print_error, write_json
from hashmatch.errors import HashmatchError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hashmatch")
def cli() -> None:
    """Perceptual hashing and the national hash database for child-protection hotlines."""


for command in (hash_command, check_command, db_group, info_command, demo_command):
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error ends as one clear line."""
    try:
        code = cli.main(list(arguments), prog_name="hashmatch", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return Exit.FAILED
    except (KeyboardInterrupt, click.Abort):
        print_error("interrupted; an import was rolled back, files seen so far are listed above")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader went away; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except (HashmatchError, OSError) as error:
        if "--json" in arguments:
            kind = type(error).__name__
            write_json({"schema": ERROR_SCHEMA, "error": {"type": kind, "message": str(error)}})
        print_error(str(error))
        return Exit.FAILED
    return int(code or Exit.DONE)


def main() -> NoReturn:
    """The console script."""
    sys.exit(run(sys.argv[1:]))
