"""Idempotency keys: a POST that a client retries is done once."""

import json
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import blake2b
from typing import Any, ClassVar, TypeGuard

from anyio import CancelScope
from fastapi.routing import APIRoute
from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.addresses import network
from app.core.errors import Unavailable
from app.core.problems import problem
from app.middleware.body_limit import limited
from app.middleware.idempotency_store import Store

HEADER = "Idempotency-Key"
CREDENTIALS = (b"authorization", b"x-api-key", b"cookie")
MAX_KEY, MAX_BODY, MAX_ANSWER = 255, 10_485_760, 1_048_576
UNDER_WAY = "under way"
LONGEST = 300
"""Seconds after which the key of a request is free again whose process was killed."""


class Idempotency:
    """Returns the first response again for a repeated `Idempotency-Key`.

    While the first request runs, others with its key get 409; with another body, 422. A key
    belongs to a path and to a caller: its credentials, else its address. Only successful responses
    are stored: after an error the client may retry with the same key. Those with `no-store` are
    not: they may contain tokens. Nor are streams, and those of more than `MAX_ANSWER` bytes. A
    repeated response is not authenticated again: a client gets it also after its token has ended.

    A route with the key as a parameter handles it itself.
    """

    answers: ClassVar = (409, 422, 503)

    def __init__(self, app: ASGIApp, store: Store, ttl_seconds: int) -> None:
        self.app = app
        self._store = store
        self._ttl = ttl_seconds
        self._taking: list[APIRoute] | None = None
        """Routes that handle the key themselves; None until the first request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        if key is None or scope["method"] != "POST" or self._is_taken(scope):
            await self.app(scope, receive, send)
            return
        if not key.isascii() or not key.isprintable() or not 0 < len(key) <= MAX_KEY:
            detail = f"{HEADER} has up to {MAX_KEY} printable characters."
            await problem(scope, 400, detail)(scope, receive, send)
            return
        # It is held in memory, before anyone has signed in. An upload may be larger.
        detail = f"A body with {HEADER} has up to {MAX_BODY:,} bytes."
        body = await Request(scope, limited(receive, MAX_BODY, detail)).body()
        place, fingerprint = _place(scope, key), _digest(scope["query_string"], body)
        store, ttl = self._store.of(scope), self._ttl
        try:
            kept = await store.put_new(place, json.dumps([fingerprint, UNDER_WAY]), LONGEST)
        except Unavailable as error:
            refusal = problem(scope, 503, error.detail, headers=error.headers)
            await refusal(scope, receive, send)
            return
        if kept is not None:
            await self._answer_again(scope, receive, send, json.loads(kept), fingerprint)
            return
        answer = _Answer(send)
        try:
            await self.app(scope, _again(body, receive), answer.send)
        finally:
            # The response is sent already: if the store fails, the key expires after `LONGEST`.
            with suppress(Unavailable), CancelScope(shield=True):
                if answer.is_kept:
                    await store.put(place, json.dumps([fingerprint, answer.kept()]), ttl)
                else:
                    await store.drop(place)

    def _is_taken(self, scope: Scope) -> bool:
        if self._taking is None:
            self._taking = [route for route in scope["app"].routes if _takes_key(route)]
        path = get_route_path(scope)
        return any(route.path_regex.match(path) for route in self._taking)

    async def _answer_again(
        self, scope: Scope, receive: Receive, send: Send, kept: list[Any], fingerprint: str
    ) -> None:
        first, answer = kept
        if first != fingerprint:
            refusal = problem(scope, 422, f"{HEADER} was used for something else.")
            await refusal(scope, receive, send)
        elif answer == UNDER_WAY:
            detail = "The same request is still under way."
            refusal = problem(scope, 409, detail, headers={"Retry-After": "1"})
            await refusal(scope, receive, send)
        else:
            await _replay(answer, send)


class _Answer:
    """Records a response while it is sent, unless it is a stream or too long."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body: bytes | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = {**message, "headers": [*message["headers"]]}
        elif self._body is None and not message.get("more_body", False):
            self._body = message.get("body", b"")
        else:
            self._start = None
        await self._send(message)

    @property
    def is_kept(self) -> bool:
        if self._start is None or self._body is None or len(self._body) > MAX_ANSWER:
            return False
        headers = Headers(raw=self._start["headers"])
        return self._start["status"] < 400 and "no-store" not in headers.get("cache-control", "")

    def kept(self) -> dict[str, Any]:
        assert self._start is not None  # noqa: S101  # asked of a success only
        pairs = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in self._start["headers"]
        ]
        body = b64encode(self._body or b"").decode()
        return {"status": self._start["status"], "headers": pairs, "body": body}


def _takes_key(route: BaseRoute) -> TypeGuard[APIRoute]:
    if not isinstance(route, APIRoute) or "POST" not in (route.methods or ()):
        return False
    dependants = [route.dependant]
    for dependant in dependants:  # it grows
        dependants += dependant.dependencies
    headers = (field.alias for each in dependants for field in each.header_params)
    return HEADER.lower() in map(str.lower, headers)


async def _replay(kept: dict[str, Any], send: Send) -> None:
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept["headers"]]
    start: Message = {
        "type": "http.response.start",
        "status": kept["status"],
        "headers": pairs,
    }
    MutableHeaders(scope=start)["Idempotency-Replayed"] = "true"
    await send(start)
    await send({"type": "http.response.body", "body": b64decode(kept["body"])})


def _again(body: bytes, receive: Receive) -> Receive:
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return parts.pop() if parts else await receive()

    return receive_again


def _place(scope: Scope, key: str) -> str:
    """The name of the response in the store: by caller, path and key."""
    sent = [value for name, value in scope["headers"] if name in CREDENTIALS]
    client = scope.get("client")
    caller = sent or [network(client[0] if client else "").encode()]
    return _digest(*caller, scope["path"].encode(), key.encode())


def _digest(*parts: bytes) -> str:
    lengths = b",".join(b"%d" % len(part) for part in parts)
    return blake2b(lengths + b"\0" + b"".join(parts), digest_size=16).hexdigest()
