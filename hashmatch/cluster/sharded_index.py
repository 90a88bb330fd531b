"""An exact index that is larger than a machine: its entries are shared out over Ray actors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hashmatch.closing import Closing
from hashmatch.cluster.building import Block, blocks_of, build_revision
from hashmatch.cluster.placing import Placed, place_shards
from hashmatch.cluster.ray_library import connect, disconnect
from hashmatch.cluster.replicas import Replicas
from hashmatch.cluster.revision_files import (
    RevisionManifest,
    commit,
    committed,
    read_manifest,
)
from hashmatch.cluster.sharded_reading import ShardedReader, T
from hashmatch.errors import HashmatchError, InputError, InputTypeError, RevisionGoneError
from hashmatch.index.arguments import at_least

_TRIES = 10
"""Of one question that switches overtake, or that meets a machine which has not seen one yet."""

_PREPARING_S = 600.0
"""For every replica to be started and to have read its files once."""


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """One actor.

    Attributes:
        shard, replica: numbers.
        node: Ray's id of the machine; empty in processes that did not open the index.
        pid: of its process.
        revisions: that it holds.
    """

    shard: int
    replica: int
    node: str
    pid: int
    revisions: tuple[int, ...]


class ShardedSnapshot(ShardedReader):
    """One revision, which every question names.

    It can be asked until the next switch but one is prepared, or a shard that was started again
    since another revision counts has to answer; then a question raises RevisionGoneError.
    """

    def __init__(self, folder: Path, replicas: Replicas, manifest: RevisionManifest) -> None:
        super().__init__(folder, replicas)
        self._fixed = manifest

    @property
    def _manifest(self) -> RevisionManifest:
        return self._fixed

    def _asked(self, question: Callable[[RevisionManifest], T]) -> T:
        return question(self._fixed)


class ShardedIndex(ShardedReader, Closing):
    """Hashes under int64 ids, shared out over Ray actors that map the files of their shard.

    Made by ``open`` from a folder that ``build`` wrote. It may be sent to other processes of the
    cluster, which ask the same actors; who opened it closes it.
    """

    def __init__(
        self,
        folder: Path,
        replicas: Replicas,
        manifest: RevisionManifest,
        placed: Placed | None = None,
        *,
        connected: bool = False,
    ) -> None:
        super().__init__(folder, replicas)
        self._counting = manifest
        self._placed = placed
        self._connected = connected
        self._switching = Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return ShardedIndex, (self._folder, self._replicas, self._counting)

    @staticmethod
    def build(
        folder: str | PathLike[str],
        hashes: NDArray[np.uint8] | Iterable[Block],
        ids: NDArray[np.int64] | None = None,
        *,
        n_shards: int,
        bits: int = 256,
        revision: int | None = None,
    ) -> int:
        """Write a revision's files; the first one of a folder counts at once, later ones after
        ``switch``. Needs no cluster.

        Args:
            folder: every machine of the cluster has to see it under this path.
            hashes: uint8 (n, bits // 8); or blocks, each of ids, int64 (n,), and hashes.
            ids: integers (n,), none twice; None: 0, 1, 2 ...; not with blocks.
            n_shards: 1 to 4096; all revisions of a folder that is open have as many.
            bits: length of every hash.
            revision: its number, never used before; None is one more than the largest there.

        Returns:
            The number.

        Raises:
            InputError: wrong shape, dtype, count or number, or an id that stands twice.
            IndexFileError: the revision is there already, or can't be written.
        """
        if isinstance(hashes, np.ndarray):
            blocks: Iterable[Block] = blocks_of(hashes, ids)
        elif ids is None:
            blocks = hashes
        else:
            raise InputTypeError("ids: expected None, as blocks bring their own")
        return build_revision(folder, blocks, n_shards, bits=bits, revision=revision)

    @classmethod
    def open(
        cls,
        folder: str | PathLike[str],
        *,
        replicas: int = 1,
        address: str | None = None,
        cpus: float = 0.0,
        searches: int = 4,
        in_flight: int = 8,
        patience_s: float = 60.0,
    ) -> Self:
        """Start actors for the revision that counts.

        Args:
            folder: that ``build`` wrote into.
            replicas: actors of each shard, on different machines where there are enough.
            address: of the cluster, see ``connect``; not used where this process is connected.
            cpus: that each actor reserves; memory is reserved by the size of its files.
            searches: that an actor runs at once.
            in_flight: questions that may be under way at once; further ones wait.
            patience_s: how long to wait for places, and for a shard without a live replica.

        Raises:
            MissingExtraError: Ray is not installed.
            ClusterError: no cluster, or no place for the shards.
            IndexFileError and its children: no revision counts there, or its files are bad.
            InputError: wrong counts.
        """
        count = at_least(replicas, 1, "replicas")
        at_once = at_least(in_flight, 1, "in_flight")
        running = at_least(searches, 1, "searches")
        if cpus < 0 or patience_s <= 0:
            raise InputError(
                f"cpus and patience_s: expected 0 or more, and more than 0 s; "
                f"got {cpus} and {patience_s}"
            )
        where = Path(folder).absolute()
        manifest = read_manifest(where, committed(where))
        connected = connect(address)
        placed: Placed | None = None
        try:
            placed = place_shards(
                where, manifest, count, cpus=cpus, searches=running, patience_s=patience_s
            )
            shards = Replicas(placed.actors, patience_s=patience_s, in_flight=at_once)
            shards.everywhere("prepare", (manifest.revision,), timeout_s=_PREPARING_S)
            return cls(where, shards, manifest, placed, connected=connected)
        except BaseException:
            if placed is not None:
                placed.remove()
            if connected:
                disconnect()
            raise

    @property
    def replicas(self) -> int:
        """Actors of each shard."""
        return len(self._replicas.actors[0])

    def state(self, *, timeout_s: float = 60.0) -> tuple[ReplicaState, ...]:
        """Every actor, by shard and replica.

        Raises:
            ShardUnavailableError: one does not answer in time.
        """
        answers = self._replicas.everywhere("state", (), timeout_s=timeout_s)
        nodes = {} if self._placed is None else self._placed.nodes()
        return tuple(
            ReplicaState(shard, replica, nodes.get((shard, replica), ""), pid, revisions)
            for (shard, replica), (pid, revisions) in sorted(answers.items())
        )

    def snapshot(self) -> ShardedSnapshot:
        """The revision that counts now, for questions that belong together."""
        return ShardedSnapshot(self._folder, self._replicas, self._counting)

    def switch(self, revision: int, *, timeout_s: float = _PREPARING_S) -> None:
        """Let all shards answer from another revision, or, if that fails anywhere, none.

        First every replica opens and checks its files, while the old revision is asked. Then one
        file is replaced that names the revision which counts: that is the switch. A question that
        was begun before is answered by the old revision. Other processes that ask take the new one
        over with ``refresh``.

        Args:
            revision: that ``build`` wrote.
            timeout_s: how long to wait for all replicas, restarts included.

        Raises:
            IndexFileError and its children: there is no such revision, or its files are bad; the
                old one stays.
            ShardUnavailableError: a replica was not ready in time; the old one stays.
            InputError: the revision has another number of shards or another hash length.
        """
        number = at_least(revision, 0, "revision")
        with self._switching:
            manifest = read_manifest(self._folder, number)
            shape = (len(manifest.shards), manifest.bits)
            if shape != (self.n_shards, self.bits):
                raise InputError(
                    f"revision: expected {self.n_shards} shards of {self.bits} bits, got "
                    f"{shape[0]} of {shape[1]}: close, and open the new one"
                )
            try:
                self._replicas.everywhere("prepare", (number,), timeout_s=timeout_s)
                commit(self._folder, number)
            except HashmatchError:
                self._replicas.tell("forget", number)
                raise
            self._counting = manifest

    def refresh(self) -> bool:
        """Take over a switch that another process made; returns whether there was one.

        Raises:
            IndexFileError and its children: the folder can't be read.
        """
        number = committed(self._folder)
        if number == self._counting.revision:
            return False
        self._counting = read_manifest(self._folder, number)
        return True

    def close(self) -> None:
        """End the actors, where this process started them, and the cluster, if it did."""
        placed, self._placed = self._placed, None
        if placed is not None:
            placed.remove()
            if self._connected:
                disconnect()

    @property
    def _manifest(self) -> RevisionManifest:
        return self._counting

    def _asked(self, question: Callable[[RevisionManifest], T]) -> T:
        """As a whole by one revision; again, as a whole, where a switch has overtaken it."""
        for tries in range(_TRIES):
            try:
                return question(self._counting)
            except RevisionGoneError:
                if not self.refresh():  # a mount may show a shard the old file for a while
                    sleep(min(1.0, 0.05 * 2**tries))
        return question(self._counting)
