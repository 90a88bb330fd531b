"""From costs of one core to cores, memory and machines; docs/scaling.md has it in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from benchmarks.capacity_costs import Costs

FORMS = 8
"""Orientations of a picture, each of them a hash that is asked for."""
SEGMENT = 10_000_000
"""Hashes of a segment: larger ones cost more a hash, as their tables leave the caches."""
HASH_BYTES = 32
HIT_BYTES = 10
CALL_BYTES = 500


@dataclass(frozen=True)
class Machine:
    """What machines are bought, and how full they may be.

    Attributes:
        cores, memory_gb, network_gbit: of one machine.
        memory_gb_s: that all cores together read.
        usable: share of memory that the index may fill.
        busy: share of the time that cores may work, so that queues stay short.
        replicas: copies of the index.
    """

    cores: int = 32
    memory_gb: float = 256.0
    memory_gb_s: float = 300.0
    network_gbit: float = 25.0
    usable: float = 0.75
    busy: float = 0.6
    replicas: int = 2


@dataclass(frozen=True)
class Need:
    """What a base and a stream need.

    Attributes:
        memory_gb: of one copy of the index.
        shards: of one copy: as many as give the earliest answer, and not fewer than the machines
            whose memory holds it.
        search_s: core-seconds for a request's questions to all entries.
        request_s: core-seconds for everything else of it.
        cores: for the stream.
        machines: for the stream, and not fewer than memory needs.
        bound: "memory" or "cores": which of the two it is.
        fastest_s: that one request takes at least, on an idle cluster, a core of each shard
            working on it.
        network_gbit: to and from all shards together.
    """

    memory_gb: float
    shards: int
    search_s: float
    request_s: float
    cores: float
    machines: int
    bound: str
    fastest_s: float
    network_gbit: float


def probe_s(costs: Costs, hashes: float) -> float:
    """Core-seconds of one hash on multi-index: between what was measured a power law, beyond it
    segments one after the other."""
    sizes = sorted(size for size in costs.probe_us if size <= SEGMENT)
    if hashes >= sizes[-1]:
        return costs.probe_us[sizes[-1]] * 1e-6 * hashes / sizes[-1]
    low = max((size for size in sizes[:-1] if size <= hashes), default=sizes[0])
    high = sizes[sizes.index(low) + 1]
    power = math.log(costs.probe_us[high] / costs.probe_us[low]) / math.log(high / low)
    return float(costs.probe_us[low] * 1e-6 * (hashes / low) ** power)


def plain_s(costs: Costs, hashes: float, strategy: str) -> float:
    """Core-seconds of a picture's orientations at the review radius."""
    if strategy == "multi-index":
        return FORMS * probe_s(costs, hashes)
    return FORMS * hashes / (costs.scan_g * 1e9)


def registered_s(costs: Costs, hashes: float, level: str) -> float:
    """Core-seconds of what a level tries where nothing is near: the same for both strategies."""
    made = costs.levels[level]
    return made.forms * made.ns_a_form * 1e-9 * hashes / 1000


def need(
    costs: Costs,
    machine: Machine,
    hashes: float,
    uploads_per_s: float,
    *,
    level: str,
    strategy: str,
    registered: float = 1.0,
    file: str = "0.15 megapixels",
) -> Need:
    """What a base of hashes and a stream of uploads need.

    Args:
        level: of the checks; ``registered`` is the share of uploads that its wider search is made
            for: those that no digest and no plain hash settles, and that are worth it.
        file: kind of upload.
    """
    made = costs.levels[level]
    memory_gb = hashes * costs.bytes_a_hash[strategy] / 1e9
    for_memory = max(1, math.ceil(memory_gb / (machine.memory_gb * machine.usable)))
    search_s = plain_s(costs, hashes, strategy) + registered * registered_s(costs, hashes, level)
    broadcasts = 1 + registered * (made.broadcasts - 1)
    shards = max(for_memory, best_shards(costs, search_s, broadcasts))
    asking_ms = costs.request_ms + broadcasts * (costs.broadcast_ms + shards * costs.shard_ms)
    decoding_ms = costs.file_ms[file] + costs.orientations_ms + registered * made.views_ms
    request_s = (decoding_ms + asking_ms) / 1e3
    cores = uploads_per_s * (search_s + request_s) / machine.busy
    for_cores = math.ceil(cores / machine.cores)
    sent = FORMS * HASH_BYTES + registered * made.forms * HASH_BYTES
    bits = 8 * shards * (sent + broadcasts * 2 * CALL_BYTES)
    return Need(
        memory_gb=memory_gb,
        shards=shards,
        search_s=search_s,
        request_s=request_s,
        cores=cores,
        machines=max(for_memory * machine.replicas, for_cores),
        bound="memory" if for_memory * machine.replicas >= for_cores else "cores",
        fastest_s=search_s / shards + request_s,
        network_gbit=uploads_per_s * bits / 1e9,
    )


def best_shards(costs: Costs, search_s: float, broadcasts: float) -> int:
    """The number of shards with the earliest answer: each takes its part of the search, and each
    has to be asked; the sum is least at the square root of their ratio."""
    return max(1, round(math.sqrt(1e3 * search_s / (broadcasts * costs.shard_ms))))


def scan_saturates_at(costs: Costs, machine: Machine, queries: int) -> float:
    """Cores of one machine whose scans read as fast as its memory gives, that many queries asked
    at once: each reads the entries once for all of its queries."""
    entries_a_s = min(1e6 / costs.scan_one_us * 1e6, costs.scan_g * 1e9 / queries)
    return machine.memory_gb_s * 1e9 / (entries_a_s * HASH_BYTES)
