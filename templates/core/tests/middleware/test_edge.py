"""How the wrapper around the application asks its steps."""

from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from app.core.health import Readiness
from app.middleware.draining import Draining
from app.middleware.edge import EdgeMiddleware, Exchange, Step
from app.middleware.etag import ETag


class Named(Step):
    """Writes down what it is asked."""

    def __init__(self, name: str, asked: list[str], *, refuses: bool = False) -> None:
        self._name = name
        self._asked = asked
        self._refuses = refuses

    def on_request(self, exchange: Exchange) -> Response | None:
        self._asked.append(f"request {self._name}")
        return PlainTextResponse("no", 403) if self._refuses else None

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        self._asked.append(f"response {self._name}")

    def on_end(self, exchange: Exchange) -> None:
        self._asked.append(f"end {self._name} {exchange.status}")


class NamedForAll(Named):
    sees_sockets = True


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("yes")(scope, receive, send)


async def stream_and_fail(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise ConnectionError("the source is gone")


async def call(app: EdgeMiddleware, kind: str = "http", **scope: Any) -> list[Message]:
    """The messages that the application sends."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": f"{kind}.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    common = {"type": kind, "method": "GET", "path": "/", "headers": [], "extensions": {}}
    await app({**common, "state": {}, **scope}, receive, send)
    return sent


async def test_steps_are_asked_in_order_and_answered_in_reverse() -> None:
    asked: list[str] = []

    await call(EdgeMiddleware(answer, [Named("a", asked), Named("b", asked)]))

    assert asked == ["request a", "request b", "response b", "response a", "end b 200", "end a 200"]


async def test_a_refusal_goes_through_all_responses() -> None:
    asked: list[str] = []
    steps = [Named("a", asked), Named("b", asked, refuses=True), Named("c", asked)]

    sent = await call(EdgeMiddleware(answer, steps))

    assert sent[0]["status"] == 403
    assert asked[:2] == ["request a", "request b"]
    assert asked[2:5] == ["response c", "response b", "response a"]


async def test_half_an_answer_is_cut_off() -> None:
    """The client must not take it for a whole one."""
    asked: list[str] = []

    with pytest.raises(ConnectionError):
        await call(EdgeMiddleware(stream_and_fail, [Named("a", asked)]))

    assert asked == ["request a", "response a", "end a 200"]


async def test_streams_have_no_etag() -> None:
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await send({"type": "http.response.body", "body": b"last"})

    sent = await call(EdgeMiddleware(stream, [ETag()]))

    assert [message.get("body") for message in sent] == [None, b"first", b"last"]
    assert sent[0]["headers"] == []


@pytest.mark.parametrize("draining", [True, False])
async def test_clients_are_sent_elsewhere_while_draining(draining: bool) -> None:
    readiness = Readiness({}, timeout=1)
    readiness.draining = draining

    sent = await call(EdgeMiddleware(answer, [Draining()]), state={"readiness": readiness})

    assert ((b"connection", b"close") in sent[0]["headers"]) == draining


async def test_sockets_meet_the_steps_that_see_them() -> None:
    asked: list[str] = []

    async def greet(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    steps = [Named("a", asked), NamedForAll("b", asked)]
    sent = await call(EdgeMiddleware(greet, steps), "websocket")

    assert asked == ["request b"]
    assert sent == [{"type": "websocket.accept"}]


async def test_a_socket_can_be_refused() -> None:
    sent = await call(
        EdgeMiddleware(answer, [NamedForAll("a", [], refuses=True)]),
        "websocket",
        extensions={"websocket.http.response": {}},
    )

    assert (sent[0]["type"], sent[0]["status"]) == ("websocket.http.response.start", 403)
