"""Log lines: one an event, without secrets, with the id of the request."""

import json
import logging
import sys
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send

from app.core import context
from app.core.logging import configure_logging, get_logger
from app.main import create_app
from app.middleware.access_log import AccessLog
from app.settings import Settings
from tests.serving import serve

NASTY = 'a\nb\r\x1b[31m"\u2028'
PRODUCTION = Settings(
    environment="production",
    secret_key=SecretStr("0123456789-abcdefghijklmnopqrstuvwxyz"),
    allowed_hosts=("test",),
)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]


both_formats = pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])


@both_formats
def test_one_line_whatever_is_in_the_data(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("INFO", as_json=as_json)
    get_logger("test").info("event", text=NASTY)
    logging.getLogger("library").warning("from a library: %s", NASTY)

    output = capsys.readouterr().out
    assert output.count("\n") == 2
    assert "\r" not in output
    assert '\x1b[31m"' not in output


@both_formats
def test_lone_surrogates_are_escaped(as_json: bool) -> None:
    configure_logging("INFO", as_json=as_json)
    (handler,) = (
        one for one in logging.getLogger().handlers if one.get_name() == "app.core.logging"
    )

    line = handler.format(logging.makeLogRecord({"msg": "half a pair: \ud83d"}))

    assert "\\ud83d" in line
    assert line.encode()


@both_formats
def test_tracebacks_show_no_values(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", as_json=as_json)

    def fail(secret_of_the_caller: str) -> None:
        raise RuntimeError(f"of {len(secret_of_the_caller)} characters")

    secret = "".join(["hunter", "2"])
    try:
        fail(secret)
    except RuntimeError:
        get_logger("test").exception("failed")

    output = capsys.readouterr().out
    assert "of 7 characters" in output
    assert "hunter2" not in output


@pytest.mark.parametrize("is_terminal", [True, False])
def test_colors_are_for_terminals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    configure_logging("INFO", as_json=False)

    get_logger("shop").info("order_paid")

    assert ("\x1b[" in capsys.readouterr().out) is is_terminal


def test_the_request_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", as_json=True)
    token = context.request_id.set("abc")
    try:
        logging.getLogger("library").warning("from a library")
    finally:
        context.request_id.reset(token)

    assert lines(capsys)[0]["request_id"] == "abc"


def test_the_server_uses_the_same_format(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("uvicorn.error").addHandler(logging.StreamHandler())
    configure_logging("INFO", as_json=True)
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.access").info("GET / HTTP/1.1")

    assert [line["event"] for line in lines(capsys)] == ["Started server process"]


def test_the_level_counts(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("ERROR", as_json=True)
    get_logger("test").warning("event")

    assert lines(capsys) == []


def access_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [line for line in lines(capsys) if line["logger"] == "access"]


@pytest.mark.parametrize("production", [True, False])
async def test_the_query_is_never_logged(
    production: bool, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(create_app(PRODUCTION if production else settings)) as client:
        await client.get("/health?token=hunter2")
        await client.get("/rooms%3Ftoken=hunter2")

    output = [line for line in capsys.readouterr().out.split("\n") if "access" in line]
    assert ["/health" in output[0], "/rooms" in output[1]] == [True, True]
    assert "hunter2" not in str(output)


async def test_a_path_cannot_end_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    async with serve(create_app(PRODUCTION)) as client:
        await client.get("/%E2%80%A8%0A%C2%9B")

    assert capsys.readouterr().out.strip().isascii()


async def test_a_proxy_cannot_add_to_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    settings = PRODUCTION.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
    async with serve(create_app(settings)) as client:
        await client.get("/health", headers={"X-Forwarded-For": '7"}{"'})

    (line,) = access_lines(capsys)
    assert (line["client"], line["status"]) == ('7"}{"', 200)


@pytest.mark.parametrize("changed", [{"access_log": False}, {"log_level": "WARNING"}])
async def test_no_access_lines(
    changed: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(create_app(PRODUCTION.model_copy(update=changed))) as client:
        await client.get("/health")

    assert access_lines(capsys) == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"type": "websocket.accept"}, 101),
        ({"type": "websocket.close"}, 403),
        ({"type": "websocket.http.response.start", "status": 422}, 422),
    ],
)
async def test_a_websocket_is_one_line_without_its_ticket(
    sent: Message, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("DEBUG", as_json=True)

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        # As uvicorn logs it.
        server = logging.getLogger("uvicorn.error")
        server.debug("< GET %s HTTP/1.1", "/ws/a?ticket=hunter2")
        server.info('%s - "WebSocket %s" %d', "127.0.0.1:1", "/ws/a?ticket=hunter2", status)
        server.error("ASGI callable returned without completing handshake.")
        await send(sent)
        await send({"type": "websocket.close"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(_message: Message) -> None:
        pass

    scope = {"type": "websocket", "path": "/ws/a", "query_string": b"ticket=hunter2"}
    await AccessLog(answer, as_json=True)(scope, receive, send)

    (line,) = lines(capsys)
    assert (line["method"], line["path"], line["status"]) == ("WEBSOCKET", "/ws/a", status)
    assert "hunter2" not in str(line)
