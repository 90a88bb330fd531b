"""``python -m hashmatch``: the command line."""

from __future__ import annotations

from hashmatch.cli.main import main

if __name__ == "__main__":
    main()
