"""Running an order of ``scan`` or ``dedupe``."""

from __future__ import annotations

from contextlib import ExitStack

from hashmatch.cli.exhibit_output import print_interrupted, print_summary, told
from hashmatch.cli.exits import Exit
from hashmatch.cli.warned import segments_warnings_told
from hashmatch.database import open_database
from hashmatch.matching import Calibration, MatchPolicy
from hashmatch.triage import ExhibitOrder, work_exhibit


def run_order(
    what: str,
    order: ExhibitOrder,
    database: str | None,
    policy: MatchPolicy,
    *,
    calibration: str | None = None,
    audit: bool,
    as_json: bool,
) -> int:
    """Work it off, say what came of it, and give the exit code."""
    measured = None if calibration is None else Calibration.from_toml(calibration)
    with ExitStack() as stack:
        db = None
        if database is not None:
            stack.enter_context(segments_warnings_told())
            db = stack.enter_context(open_database(database, read_only=not audit))
        try:
            with told(what) as tell:
                result = work_exhibit(
                    order, db=db, policy=policy, calibration=measured, audit=audit, tell=tell
                )
        except KeyboardInterrupt:
            print_interrupted()
            return Exit.INTERRUPTED
    print_summary(what, result, as_json=as_json)
    if result.matched:
        return Exit.MATCHED
    return Exit.FAILED if result.ledger.failed else Exit.DONE
