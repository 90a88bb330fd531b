"""Hash lists as files: formats read and written, nothing about databases.

Importing this package loads nothing heavy. A format's room, and with it ijson, is loaded when a
reader of that format is opened.
"""

from hashmatch.exchange.base import ListInfo, Reader, Writer
from hashmatch.exchange.converting import Carried, ConvertReport, convert_list
from hashmatch.exchange.digests_only import DigestBlocks, digest_blocks
from hashmatch.exchange.formats import open_reader, open_writer, write_list
from hashmatch.exchange.inspecting import Inspection, inspect_list
from hashmatch.exchange.media_path import resolve_media_path
from hashmatch.exchange.schemes import Scheme, Schemes, load_schemes
from hashmatch.exchange.sorting import sorted_records
from hashmatch.exchange.vics_case import VicsCase
from hashmatch.exchange.vics_order import sort_key

__all__ = [
    "Carried",
    "ConvertReport",
    "DigestBlocks",
    "Inspection",
    "ListInfo",
    "Reader",
    "Scheme",
    "Schemes",
    "VicsCase",
    "Writer",
    "convert_list",
    "digest_blocks",
    "inspect_list",
    "load_schemes",
    "open_reader",
    "open_writer",
    "resolve_media_path",
    "sort_key",
    "sorted_records",
    "write_list",
]
