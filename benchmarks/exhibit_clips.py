"""Clips of an exhibit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.exhibit_truth import TruthFile


@dataclass(frozen=True)
class Clip:
    number: int


def clip_plan(clips: int, seed: int) -> list[Sequence[Clip]]:
    return []


def made_clips(root: Path, seed: int, scene: Sequence[Clip]) -> list[TruthFile]:
    return []
