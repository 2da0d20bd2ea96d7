"""A report of an error that a user met says nothing about the user."""

from sqlalchemy import text

from app.api.deps import SessionDep
from app.main import create_app
from tests.accounts import anonymous_client, bearer, get_tokens, register
from tests.error_reports.test_sentry import event_of, settings_of
from tests.receiver import receive
from tests.serving import started

ADDRESS = "203.0.113.7"


async def test_an_error_of_the_database_has_nothing_of_the_user() -> None:
    email = ""

    async def fail_in_the_database(session: SessionDep) -> None:
        await session.execute(text(f"SELEC '{email}'"))

    with receive() as sentry:
        app = create_app(settings_of(sentry))
        app.add_api_route("/broken", fail_in_the_database)
        async with started(app) as running, anonymous_client(running, ADDRESS) as client:
            email = (await register(client))["email"]
            tokens = await get_tokens(client, email)
            response = await client.get("/broken", headers=bearer(tokens))

    assert response.status_code == 500
    (body,) = sentry.bodies
    assert event_of(body)["exception"]["values"][-1]["module"] == "sqlalchemy.exc"
    for personal in (email, tokens["access_token"], ADDRESS):
        assert personal not in body.decode()
