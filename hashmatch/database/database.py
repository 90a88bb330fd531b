"""The national database: lists go in, answers and lists come out, every act is logged."""

from __future__ import annotations

from hashmatch.database.accounts import Accounts
from hashmatch.database.exports import Exports
from hashmatch.database.imports import Imports
from hashmatch.database.indexed import Indexed
from hashmatch.database.integrity import Integrity
from hashmatch.database.known import Known
from hashmatch.database.low_information import LowInformation
from hashmatch.database.purges import Purges


class Database(Imports, Exports, Accounts, Integrity, Purges, Indexed, Known, LowInformation):
    """An open database; built by ``open_database``. Usable from several threads.

    Every write is one transaction: it is applied as a whole, raises the revision by one if it
    changed what the database says, and adds one entry to the audit log. Readers never wait.
    All methods raise DatabaseError where the file fails, DatabaseBusyError where another writer
    held the lock for longer than the busy timeout.
    """
