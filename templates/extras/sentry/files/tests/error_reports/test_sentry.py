"""Data that is reported, and data that never is."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr

from app.core.logging import get_logger
from app.lifespan import lifespan
from app.main import create_app
from app.settings import Settings
from tests.receiver import Receiver, receive
from tests.serving import serve

# A report has lines of this file, so they must not contain it.
PERSONAL = "@".join(["alice", "example.com"])


def settings_of(receiver: Receiver) -> Settings:
    return Settings(sentry_dsn=SecretStr(f"http://key@{receiver.address}/1"))


def event_of(body: bytes) -> dict[str, Any]:
    """An envelope is a line for itself, one for an item, and the item."""
    event: dict[str, Any] = json.loads(body.splitlines()[2])
    return event


class WarehouseError(Exception):
    """An exception of the application."""

    __module__ = "app.services.warehouse"


async def fail(body: dict[str, str]) -> None:
    assert body == {"email": PERSONAL}
    raise WarehouseError("the warehouse is on fire")


async def test_an_unexpected_error_is_reported_without_personal_data() -> None:
    with receive() as sentry:
        app = create_app(settings_of(sentry))
        app.add_api_route("/broken", fail, methods=["POST"])
        async with serve(app) as client:
            response = await client.post(
                f"/broken?email={PERSONAL}",
                json={"email": PERSONAL},
                headers={"Authorization": PERSONAL, "X-Request-ID": "r-1", "Cookie": PERSONAL},
            )

        assert response.status_code == 500
    (body,) = sentry.bodies
    event = event_of(body)
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("WarehouseError", "the warehouse is on fire")
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["tags"]["request_id"] == "r-1"
    assert event["logentry"]["message"] == "unhandled_error"
    assert PERSONAL not in str(event)


class Address(BaseModel):
    port: int


@pytest.mark.parametrize("parse", [int, Address.model_validate_json])
async def test_texts_of_other_exceptions_are_not_sent(parse: Callable[[str], object]) -> None:
    async def fail_to_parse() -> None:
        parse(PERSONAL)

    with receive() as sentry:
        app = create_app(settings_of(sentry))
        app.add_api_route("/broken", fail_to_parse)
        async with serve(app) as client:
            await client.get("/broken")

    (body,) = sentry.bodies
    (error,) = event_of(body)["exception"]["values"]
    assert error["value"] == "(see the log)"
    assert PERSONAL not in body.decode()


@pytest.mark.parametrize(
    ("logger", "message", "values", "sent"),
    [
        ("asyncio", f"Task exception\nexception={PERSONAL}", (), "(see the log)"),
        ("procrastinate.worker", f"Job greet[1]({PERSONAL})", (), "(see the log)"),
        ("celery.app.trace", "Task %s failed", (PERSONAL,), "Task %s failed"),
        ("app.services.warehouse", "The warehouse is on fire", (), "The warehouse is on fire"),
    ],
)
async def test_texts_of_libraries_are_sent_without_values(
    logger: str, message: str, values: tuple[str, ...], sent: str
) -> None:
    with receive() as sentry:
        async with lifespan(settings_of(sentry))(FastAPI()):
            logging.getLogger(logger).error(message, *values)

    (body,) = sentry.bodies
    assert event_of(body)["logentry"]["message"] == sent
    assert PERSONAL not in body.decode()


async def test_errors_of_other_processes_are_reported() -> None:
    """A worker of tasks opens the lifespan of the service, and serves no requests."""
    with receive() as sentry:
        async with lifespan(settings_of(sentry))(FastAPI()):
            get_logger("app.tasks").error("task_failed")

    assert [event_of(body)["logger"] for body in sentry.bodies] == ["app.tasks"]


async def test_expected_errors_are_not_reported() -> None:
    with receive() as sentry:
        async with serve(create_app(settings_of(sentry))) as client:
            await client.get("/nothing")
            get_logger("app").warning("that happens")

        assert sentry.bodies == []


async def test_without_a_dsn_nothing_is_sent(settings: Settings) -> None:
    assert settings.sentry_dsn.get_secret_value() == ""
    async with serve(create_app(settings)) as client:
        assert (await client.get("/health")).status_code == 200


def test_a_wrong_dsn_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_DSN", "no")

    with pytest.raises(SystemExit, match="SENTRY_DSN: must look like"):
        Settings.load()
