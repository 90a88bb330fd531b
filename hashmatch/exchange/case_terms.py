"""Names of CASE/UCO 1.4.0: written short, read in whatever way a document spells them."""

from __future__ import annotations

from typing import Any

UCO = "https://ontology.unifiedcyberontology.org/uco/"
VERSION = "case-uco-1.4"
CONTEXT = {
    "kb": "urn:hashmatch:kb/",
    **{f"uco-{part}": f"{UCO}{part}/" for part in ("analysis", "core", "observable", "types")},
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def local(name: str) -> str:
    """The last part of a prefixed name or an IRI."""
    for mark in ("#", "/", ":"):
        name = name.rpartition(mark)[2]
    return name


def members(node: dict[str, Any]) -> dict[str, Any]:
    """A node's members by their local names; "@id" and "@type" keep theirs."""
    return {name if name.startswith("@") else local(name): value for name, value in node.items()}


def types_of(node: dict[str, Any]) -> set[str]:
    """Local names of the node's types."""
    return {local(name) for name in values(node.get("@type")) if isinstance(name, str)}


def values(value: Any) -> list[Any]:
    """What a property holds, typed values opened: {"@value": x} is x, {"@list": y} is y."""
    found: list[Any] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and "@value" in item:
            found.append(item["@value"])
        elif isinstance(item, dict) and isinstance(item.get("@list"), list):
            found += item["@list"]
        elif item is not None:
            found.append(item)
    return found


def nodes(value: Any) -> list[dict[str, Any]]:
    """The nodes that a property holds in place, by local names; mere references are left out."""
    return [
        members(item)
        for item in values(value)
        if isinstance(item, dict) and any(name != "@id" for name in item)
    ]
