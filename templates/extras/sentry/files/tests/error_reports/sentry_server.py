"""A server that takes reports as Sentry does, and keeps them."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any


@dataclass
class SentryServer:
    dsn: str = ""
    bodies: list[str] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """An envelope is a line for itself, one for an item, and the item."""
        return [json.loads(body.splitlines()[2]) for body in self.bodies]


@contextmanager
def collect() -> Iterator[SentryServer]:
    found = SentryServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            found.bodies.append(body.decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found.dsn = f"http://key@127.0.0.1:{server.server_port}/1"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
