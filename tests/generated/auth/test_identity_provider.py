"""Tokens of an external identity provider, which runs in these tests."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

import pytest
from httpx2 import AsyncClient

from app.auth.errors import InvalidToken
from app.auth.identity_provider import (
    MAX_AGE_SECONDS,
    MAX_DOCUMENT_BYTES,
    PAUSE_SECONDS,
    IdentityProvider,
)
from app.core.errors import Unavailable
from app.settings import Settings
from tests.accounts import AUTH, USERS, register
from tests.insides.auth.provider import AUDIENCE, ISSUER, Provider, run_provider
from tests.waiting import TIMEOUT

ME = f"{USERS}/me"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def settings(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("app.core.http_client.RETRIES", 0)
    values = {"jwt_jwks_issuer": ISSUER, "jwt_jwks_audience": AUDIENCE}
    return Settings.model_validate({"jwt_jwks_url": provider.url, **values})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


PROFILES: list[dict[str, Any]] = [
    {"name": "Ann\0"},
    {"name": "\ud800"},
    {"name": ["Ann"]},
    {"email": "ann\0@example.com"},
    {"email": f"{'x' * 300}@example.com"},
    {"email": "no address"},
]


class TestUsers:
    async def test_a_user_is_created_at_first_use(
        self, anonymous: AsyncClient, provider: Provider
    ) -> None:
        claims: dict[str, Any] = {"email": "Ann@Example.com", "email_verified": True, "name": "Ann"}
        tokens = [provider.token(**claims) for _ in range(5)]
        answers = await asyncio.gather(
            *(anonymous.get(ME, headers=bearer(token)) for token in tokens)
        )

        assert [answer.status_code for answer in answers] == [200] * 5
        (user,) = {answer.text: answer.json() for answer in answers}.values()
        assert (user["email"], user["full_name"], user["role"]) == (
            "ann@example.com",
            "Ann",
            "user",
        )

    async def test_another_subject_is_another_user(
        self, anonymous: AsyncClient, provider: Provider
    ) -> None:
        ids = [
            (await anonymous.get(ME, headers=bearer(provider.token(sub=sub)))).json()["id"]
            for sub in ("ann", "bob", "ann")
        ]

        assert ids[0] == ids[2] != ids[1]

    @pytest.mark.parametrize("is_verified", [True, False])
    async def test_users_are_never_matched_by_their_address(
        self, anonymous: AsyncClient, provider: Provider, *, is_verified: bool
    ) -> None:
        known = await register(anonymous)
        token = provider.token(email=known["email"], email_verified=is_verified)

        user = (await anonymous.get(ME, headers=bearer(token))).json()

        assert user["id"] != known["id"]
        assert user["email"].endswith("@external.invalid")

    async def test_a_profile_that_cannot_be_registered_is_left_out(
        self, anonymous: AsyncClient, provider: Provider
    ) -> None:
        for number, claims in enumerate(PROFILES):
            token = provider.token(sub=str(number), email_verified=True, **claims)

            user = (await anonymous.get(ME, headers=bearer(token))).json()

            assert (user["email"][-17:], user["full_name"]) == ("@external.invalid", None), claims

    async def test_scopes_are_limited_by_the_role(
        self, anonymous: AsyncClient, admin: AsyncClient, provider: Provider
    ) -> None:
        headers = bearer(provider.token(scope="admin items:read"))
        before = await anonymous.get(USERS, headers=headers)
        user = (await anonymous.get(ME, headers=headers)).json()
        await admin.patch(f"{USERS}/{user['id']}", json={"role": "admin"})
        after = await anonymous.get(USERS, headers=headers)
        without = await anonymous.get(USERS, headers=bearer(provider.token(scp=["items:read"])))

        assert [each.status_code for each in (before, after, without)] == [403, 200, 403]

    async def test_a_disabled_user_is_refused(
        self, anonymous: AsyncClient, admin: AsyncClient, provider: Provider
    ) -> None:
        headers = bearer(provider.token())
        user = (await anonymous.get(ME, headers=headers)).json()
        await admin.patch(f"{USERS}/{user['id']}", json={"is_active": False})

        assert (await anonymous.get(ME, headers=headers)).status_code == 401

    async def test_there_is_no_password(self, anonymous: AsyncClient, provider: Provider) -> None:
        token = provider.token(email="ann@example.com", email_verified=True)
        change = {"current_password": "a tall ship at dawn", "new_password": "another tall ship"}
        form = {"username": "ann@example.com", "password": "a tall ship at dawn"}

        changed = await anonymous.post(f"{AUTH}/password", json=change, headers=bearer(token))
        signed_in = await anonymous.post(f"{AUTH}/token", data=form)

        assert (changed.status_code, signed_in.status_code) == (401, 401)

    async def test_own_tokens_are_valid_too(self, client: AsyncClient, provider: Provider) -> None:
        provider.is_down = True

        assert (await client.get(ME)).status_code == 200


BAD: list[dict[str, Any]] = [
    {"aud": "another service"},
    {"aud": None},
    {"sub": None},
    {"sub": ""},
    {"sub": "ann\0"},
    {"sub": "ann "},
    {"sub": "\ud800"},
    {"sub": "x" * 256},
    {"exp": None},
    {"exp": int(time.time()) - 60},
    {"nbf": 9_999_999_999},
    {"kid": "unknown"},
    {"headers": {"jku": "https://evil.example"}},
    {"headers": {"jwk": {"kty": "oct"}}},
]


class TestTokens:
    @pytest.mark.parametrize("changes", BAD, ids=range(len(BAD)))
    async def test_others_are_refused(
        self, anonymous: AsyncClient, provider: Provider, changes: dict[str, Any]
    ) -> None:
        response = await anonymous.get(ME, headers=bearer(provider.token(**changes)))

        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'

    async def test_a_wrong_signature_is_refused(
        self, anonymous: AsyncClient, provider: Provider
    ) -> None:
        token = provider.token()
        provider.rotate("first", "RS256")

        assert (await anonymous.get(ME, headers=bearer(token))).status_code == 401

    async def test_another_issuer_is_refused(
        self, anonymous: AsyncClient, provider: Provider
    ) -> None:
        response = await anonymous.get(ME, headers=bearer(provider.token(iss="https://evil")))

        assert response.status_code == 401
        assert provider.fetches == 0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def verifier(settings: Settings, clock: Clock) -> AsyncGenerator[IdentityProvider]:
    async with AsyncClient() as http:
        yield IdentityProvider(settings, http, clock)


async def subject_of(verifier: IdentityProvider, token: str) -> str:
    claims = await verifier.read(token)
    assert claims is not None
    return claims.sub


class TestKeys:
    async def test_they_are_cached(self, verifier: IdentityProvider, provider: Provider) -> None:
        await asyncio.gather(*(verifier.read(provider.token()) for _ in range(20)))
        await verifier.read(provider.token())

        assert provider.fetches == 1

    async def test_a_new_key_is_fetched_at_once(
        self, verifier: IdentityProvider, provider: Provider
    ) -> None:
        old = provider.token()
        for kid, algorithm in [("first", "RS256"), ("second", "ES256")]:
            if kid != "first":
                provider.rotate(kid, algorithm)
            assert await subject_of(verifier, provider.token()) == "ann"

        with pytest.raises(InvalidToken):
            await verifier.read(old)

    async def test_keys_of_two_algorithms_may_share_an_id(
        self, verifier: IdentityProvider, provider: Provider
    ) -> None:
        tokens = []
        documents = []
        for algorithm in ("RS256", "ES256"):
            provider.rotate("shared", algorithm)
            tokens.append(provider.token())
            documents += json.loads(provider.document())["keys"]
        provider.parts = [json.dumps({"keys": documents}).encode()]

        assert [await subject_of(verifier, token) for token in tokens] == ["ann", "ann"]
        assert provider.fetches == 1

    async def test_a_flood_of_unknown_key_ids_makes_one_fetch(
        self, verifier: IdentityProvider, provider: Provider
    ) -> None:
        await verifier.read(provider.token())
        tokens = [provider.token(f"unknown-{number}") for number in range(10)] * 5

        answers = await asyncio.gather(
            *(verifier.read(token) for token in tokens), return_exceptions=True
        )
        with pytest.raises(InvalidToken):
            await verifier.read(tokens[0])

        assert Counter(type(answer) for answer in answers) == {InvalidToken: 50}
        assert provider.fetches == 2

    async def test_the_next_unknown_key_id_has_to_wait(
        self, verifier: IdentityProvider, provider: Provider, clock: Clock
    ) -> None:
        await verifier.read(provider.token())
        for kid in ("second", "third"):
            provider.rotate(kid, "EdDSA")
            clock.now += PAUSE_SECONDS
            await verifier.read(provider.token())

        assert provider.fetches == 3

    async def test_known_keys_survive_an_outage(
        self, verifier: IdentityProvider, provider: Provider, clock: Clock
    ) -> None:
        await verifier.read(provider.token())
        provider.is_down = True
        clock.now += MAX_AGE_SECONDS

        for _ in range(3):
            assert await subject_of(verifier, provider.token()) == "ann"
        assert provider.fetches == 2
        with pytest.raises(InvalidToken):
            await verifier.read(provider.token("unknown"))

    async def test_without_keys_it_is_unavailable_until_the_provider_answers(
        self, verifier: IdentityProvider, provider: Provider, clock: Clock
    ) -> None:
        provider.is_down = True
        for _ in range(3):
            with pytest.raises(Unavailable):
                await verifier.read(provider.token())
        assert provider.fetches == 1
        provider.is_down = False
        clock.now += PAUSE_SECONDS

        assert await subject_of(verifier, provider.token()) == "ann"

    @pytest.mark.parametrize(
        "parts",
        [[b"[]"], [b"null"], [b'"keys"'], [b'{"keys": [null]}'], [b"[" * 5000]],
        ids=["array", "null", "text", "no key", "deep"],
    )
    async def test_a_document_that_will_not_do_is_an_outage(
        self, verifier: IdentityProvider, provider: Provider, parts: Sequence[bytes]
    ) -> None:
        provider.parts = parts

        for _ in range(3):
            with pytest.raises(Unavailable):
                await verifier.read(provider.token())
        assert provider.fetches == 1

    async def test_a_large_document_is_not_read_to_its_end(
        self, verifier: IdentityProvider, provider: Provider
    ) -> None:
        provider.parts = [b" " * (MAX_DOCUMENT_BYTES + 1), provider.document()]

        with pytest.raises(Unavailable):
            await verifier.read(provider.token())

    async def test_a_slow_document_is_not_waited_for(
        self, verifier: IdentityProvider, provider: Provider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.auth.identity_provider.TIMEOUT_SECONDS", 0.2)
        provider.parts = [b" "] * 10_000  # for a quarter of an hour

        async with asyncio.timeout(TIMEOUT):
            with pytest.raises(Unavailable):
                await verifier.read(provider.token())

    async def test_a_known_key_does_not_wait_for_a_fetch(
        self, verifier: IdentityProvider, provider: Provider, clock: Clock
    ) -> None:
        await verifier.read(provider.token())
        clock.now += MAX_AGE_SECONDS

        async with verifier._lock:
            assert await subject_of(verifier, provider.token()) == "ann"
        assert provider.fetches == 1

    async def test_a_fetch_that_is_cancelled_is_made_by_the_next_request(
        self, verifier: IdentityProvider, provider: Provider
    ) -> None:
        first = asyncio.create_task(verifier.read(provider.token()))
        second = asyncio.create_task(subject_of(verifier, provider.token()))
        await asyncio.sleep(0)
        first.cancel()

        assert await second == "ann"
        with pytest.raises(asyncio.CancelledError):
            await first
