"""Waiting for the write lock of an SQLite file as one of many.

SQLite's own waiting looks again every 100 ms after a while. A writer that goes on and on leaves
the lock for a few milliseconds between its transactions, so who looks so seldom may wait for ever.
"""

from __future__ import annotations

import random
import time
from typing import Any

from sqlalchemy import Connection

_SECONDS_BETWEEN = (0.0005, 0.003)
_between = random.SystemRandom().uniform  # processes must not look in step


def begin_writing(connection: Connection, *, timeout_s: float) -> None:
    """Begin a transaction that has the write lock.

    Raises:
        sqlalchemy.exc.OperationalError: it was not free for so long.
    """
    raw: Any = connection.connection.driver_connection
    until = time.monotonic() + timeout_s
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < until:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except Exception as error:
                if "locked" not in str(error):
                    raise
            else:
                return
            time.sleep(_between(*_SECONDS_BETWEEN))
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout = {round(timeout_s * 1000)}")
