"""Hash lists as files: formats read and written, nothing about databases.

Importing this package loads nothing heavy. A format's room, and with it ijson, is loaded when a
reader of that format is opened.
"""

from hashmatch.exchange.base import ListInfo, Reader, Writer
from hashmatch.exchange.formats import open_reader, open_writer, write_list
from hashmatch.exchange.schemes import Scheme, Schemes, load_schemes
from hashmatch.exchange.vics_order import sort_key

__all__ = [
    "ListInfo",
    "Reader",
    "Scheme",
    "Schemes",
    "Writer",
    "load_schemes",
    "open_reader",
    "open_writer",
    "sort_key",
    "write_list",
]
