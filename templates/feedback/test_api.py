"""Feedback over HTTP."""

from typing import Any

import pytest
from httpx2 import AsyncClient

URL = "/api/v1/feedback"
FORM = {"message": "Well done!", "rating": "5"}


async def test_a_form_is_received(client: AsyncClient) -> None:
    response = await client.post(
        URL, data=FORM, params={"topic": ["price", "service"]}, headers={"Cookie": "lang=de"}
    )

    assert response.status_code == 202
    receipt = response.json()
    assert receipt["topics"] == ["price", "service"]
    assert receipt["language"] == "de"
    assert receipt["received_at"].endswith("Z")


async def test_the_address_is_not_sent_back(client: AsyncClient) -> None:
    form = {"message": "Bad.", "rating": "1", "email": "ann@example.com"}

    response = await client.post(URL, data=form)

    assert response.json()["needs_an_answer"] is True
    assert "ann@example.com" not in response.text


async def test_it_is_recorded_after_the_response(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await client.post(URL, data=FORM, headers={"User-Agent": "a browser"})

    assert "feedback_received" in caplog.text
    assert "a browser" in caplog.text


async def test_bad_forms_are_refused(client: AsyncClient, subtests: pytest.Subtests) -> None:
    for changes in ({"message": "no"}, {"rating": "6"}, {"email": "nobody"}, {"nonsense": "1"}):
        with subtests.test(changes=changes):
            response = await client.post(URL, data=FORM | changes)

            assert response.status_code == 422
            assert response.json()["code"] == "validation_error"


BAD_PARAMETERS = [
    ("topic=weather", "lang=en"),
    ("topic=price&" * 4, "lang=en"),
    ("", "lang=<script>"),
]


async def test_bad_parameters_are_refused(client: AsyncClient, subtests: pytest.Subtests) -> None:
    for query, cookie in BAD_PARAMETERS:
        with subtests.test(query=query, cookie=cookie):
            response = await client.post(f"{URL}?{query}", data=FORM, headers={"Cookie": cookie})

            assert response.status_code == 422


async def test_a_form_has_limits(client: AsyncClient, subtests: pytest.Subtests) -> None:
    many_fields = {f"field{number}": "" for number in range(11)}
    for form in (many_fields, {"message": "x" * 5000}):
        with subtests.test(form=str(form)[:40]):
            response = await client.post(URL, data=form)

            assert response.status_code == 400
            assert response.json()["code"] == "bad_request"


async def test_several_bodies(client: AsyncClient) -> None:
    body: dict[str, Any] = {"language": "de", "forms": [{"message": "OK.", "rating": 3}]}

    response = await client.post(f"{URL}/import", json=body)

    assert response.status_code == 202
    assert [(each["rating"], each["language"]) for each in response.json()] == [(3, "de")]
    assert (await client.post(f"{URL}/import", json={**body, "forms": []})).status_code == 422


async def test_the_import_is_deprecated(client: AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()

    assert schema["paths"][f"{URL}/import"]["post"]["deprecated"] is True
