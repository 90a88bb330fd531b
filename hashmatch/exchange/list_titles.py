"""What a list is, in words that an analyst uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hashmatch.exchange.base import ListInfo
from hashmatch.exchange.jsonl_lines import MADE_FROM

TITLES: Mapping[str, str] = {
    "arachnid": "Project Arachnid Shield answers (JSON)",
    "c4p-index": "C4P / C4All index of a case (Index.xml)",
    "case-uco-1.4": "CASE/UCO 1.4 bundle (JSON-LD)",
    "encase-hash": "EnCase hash set (.hash)",
    "hash-csv": "table with a column of hashes (CSV)",
    "hashkeeper": "HashKeeper hash set (CSV)",
    "icse-csv": "INTERPOL ICSE hash export (CSV)",
    "jsonl": "hashmatch list (JSONL)",
    "mapped-csv": "table (CSV) read by a mapping file",
    "mapped-json": "JSON document read by a mapping file",
    "md5-list": "plain list of MD5 digests",
    "md5sum": "md5sum checksum file",
    "ncmec-v2": "NCMEC hash sharing v2, one page of entries (XML)",
    "nsrl-rds2": "NIST NSRL reference data set, version 2 (text): known software, never CSAM",
    "nsrl-rds3": "NIST NSRL reference data set, version 3 (SQLite): known software, never CSAM",
    "pdq-text": "PDQ hashes as text",
    "plain-list": "plain list of digests",
    "sha1-list": "plain list of SHA-1 digests",
    "sha256-list": "plain list of SHA-256 digests",
    "stopncii": "StopNCII page of hashes (JSON)",
    "threatexchange": "Meta ThreatExchange page of updates (JSON)",
    "tmk": "TMK+PDQF fingerprint of one video (.tmk)",
    "tsk-index": "index of The Sleuth Kit over a hash set",
    "tsk-kdb": "hash set of The Sleuth Kit / Autopsy (.kdb)",
    "vics": "Project VIC / VICS document of an unknown model",
    "vpdq-json": "vPDQ features of one video (JSON)",
    "vpdq-text": "vPDQ features of one video (text)",
    "xways-text": "X-Ways hash set (text)",
}
"""By exact format name; VICS has its version in its name."""

_REGION = re.compile(r"2\.0\.xml/([^/]{1,40})/").search
_VICS = {"hash-set": "hash set", "case": "case with its media"}
_KNOWN_MEDIA = "nist-caid-known"


def describe(info: ListInfo, schemes: frozenset[str] = frozenset()) -> str:
    """One line: what kind of list it is, its version and region as far as it says them.

    Args:
        info: of the reader.
        schemes: ids of the schemes of its records, where they were read.
    """
    made_from = info.facts.get(MADE_FROM)
    if made_from is not None:
        first = replace(info, format=made_from, facts={})
        return f"{TITLES.get(info.format, info.format)}, made from: {describe(first, schemes)}"
    if info.format.startswith("vics-"):
        version = info.format.removeprefix("vics-")
        region = _REGION(info.context)
        title = f"Project VIC / VICS {version}, {_VICS.get(info.document, info.document)}"
        if region is not None:
            title += f", region {region[1]}"
        if schemes == {_KNOWN_MEDIA}:
            title += ", NIST known media (CAID layout): known software, never CSAM"
        return title
    return TITLES.get(info.format, info.format)
