"""An identity provider on 127.0.0.1."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt

from tests.insides.auth.pem import Key, new_key

PAUSE_SECONDS = 0.1
ISSUER, AUDIENCE = "https://id.example.com", "shop"


class Provider:
    """It signs tokens, and publishes its keys at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, tuple[str, Key]] = {}
        self.fetches = 0
        self.is_down = False
        self.parts: Sequence[bytes] = ()
        """What it says in place of its keys, with a pause after each part."""
        self.rotate("first", "RS256")

    def rotate(self, kid: str, algorithm: str) -> None:
        """Replace all keys by a new one."""
        self.keys = {kid: (algorithm, new_key(algorithm))}

    def token(self, kid: str = "", *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        kid = kid or next(iter(self.keys))
        algorithm, key = self.keys.get(kid) or ("RS256", new_key("RS256"))
        now = int(time.time())
        payload = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "iat": now, "exp": now + 300}
        claims = {name: value for name, value in (payload | claims).items() if value is not None}
        return jwt.encode(claims, key, algorithm, headers={"kid": kid, **(headers or {})})

    def document(self) -> bytes:
        secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "HS256"}
        keys = [secret, {"kty": "nonsense"}]
        for kid, (algorithm, key) in self.keys.items():
            public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
            keys.append({**public, "kid": kid, "use": "sig"})
        return json.dumps({"keys": keys}).encode()


@contextmanager
def run_provider() -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # a name of the standard library
            provider.fetches += 1
            if provider.parts:
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):  # the client has enough
                    for part in provider.parts:
                        self.wfile.write(part)
                        time.sleep(PAUSE_SECONDS)
                return
            body = b"nonsense" if provider.is_down else provider.document()
            self.send_response(500 if provider.is_down else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """No output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}/keys")
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
