"""A folder behind HTTP, with a password or without."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *rest: Any, wanted: str | None, **more: Any) -> None:
        self._wanted = wanted
        super().__init__(*rest, **more)

    def send_head(self) -> Any:
        if self._wanted is not None and self.headers.get("Authorization") != self._wanted:
            self.send_error(401)
            return None
        return super().send_head()

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@contextmanager
def served(folder: Path, user: str = "", password: str = "") -> Iterator[str]:
    """The address of the folder, user and password in it."""
    wanted, who = None, ""
    if user:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        wanted, who = f"Basic {token}", f"{user}:{password}@"
    handler = partial(_Handler, directory=str(folder), wanted=wanted)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{who}127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
