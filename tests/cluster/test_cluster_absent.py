"""Without Ray: an error that names the extra, and nothing is imported that was not asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hashmatch.cluster import ShardedIndex, connect
from hashmatch.errors import MissingExtraError


def test_what_needs_ray_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    ShardedIndex.build(tmp_path, np.zeros((3, 32), np.uint8), n_shards=2)  # needs none
    with pytest.raises(MissingExtraError, match=r"hashmatch\[ray\]"):
        connect()
    with pytest.raises(MissingExtraError, match=r"hashmatch\[ray\]"):
        ShardedIndex.open(tmp_path)


def test_the_room_loads_no_ray() -> None:
    code = "import sys, hashmatch.cluster; assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
