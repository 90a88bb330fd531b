"""Exit codes, as users of virus scanners know them, and how errors end a command.

    0    done; nothing matched
    1    something matched (check)
    2    usage error, or some inputs failed (they are listed)
    130  interrupted

A match outranks a failed input: a script that looks for 1 must not lose it. The failures are listed
all the same.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    MATCHED = 1
    FAILED = 2
    INTERRUPTED = 130
