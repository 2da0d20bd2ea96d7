"""Asymmetric keys: signing, rotation, and the public keys that others verify with."""

import json
from typing import Any

import jwt
import pytest
from jwt.utils import base64url_encode
from pydantic import ValidationError

from app.auth.errors import InvalidToken
from app.auth.keys import derive_key
from app.auth.tokens import OWN_KEY, TokenCodec, TokenType
from app.main import create_app
from app.settings import Settings
from tests.accounts import bearer, get_tokens, register
from tests.insides.auth.pem import private_pem, public_pem
from tests.insides.auth.test_tokens import claims
from tests.serving import serve

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
URL = "/.well-known/jwks.json"


def make_settings(algorithm: str, active: str, **keys: str) -> Settings:
    values: dict[str, Any] = {"jwt_algorithm": algorithm, "jwt_active_kid": active}
    return Settings.model_validate({**values, "jwt_keys": keys})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_others_verify_tokens_with_the_published_keys(algorithm: str) -> None:
    old, new = private_pem(algorithm, "old"), private_pem(algorithm, "new")
    settings = make_settings(algorithm, "new", old=public_pem(old), new=new)
    async with serve(create_app(settings)) as client:
        email = (await register(client))["email"]
        tokens = await get_tokens(client, email)
        document = await client.get(URL)
        me = await client.get("/api/v1/users/me", headers=bearer(tokens))

    assert me.status_code == 200
    assert "max-age" in document.headers["cache-control"]
    keys = jwt.PyJWKSet.from_dict(document.json())
    assert {key.key_id for key in keys.keys} == {"old", "new"}
    assert not any({"d", "p", "q", "k"} & each.keys() for each in document.json()["keys"])
    token = tokens["access_token"]
    key = keys[jwt.get_unverified_header(token)["kid"]]
    verified = jwt.decode(token, key, algorithms=[algorithm], audience="app", issuer="app")
    assert verified["type"] == "access"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_old_key_verifies_until_it_is_removed(algorithm: str) -> None:
    old, new = private_pem(algorithm, "old"), private_pem(algorithm, "new")
    before = TokenCodec(make_settings(algorithm, "old", old=old)).write(claims())
    both = TokenCodec(make_settings(algorithm, "new", old=public_pem(old), new=new))

    assert both.read(before, TokenType.ACCESS).sub == 7
    assert both.read(both.write(claims()), TokenType.ACCESS).sub == 7
    with pytest.raises(InvalidToken):
        TokenCodec(make_settings(algorithm, "new", new=new)).read(before, TokenType.ACCESS)


def test_a_public_key_is_no_shared_secret() -> None:
    """The attack: a token with HS256, signed with the public key."""
    key = private_pem("RS256", "new")
    codec = TokenCodec(make_settings("RS256", "new", new=key))
    payload = jwt.decode(codec.write(claims()), options={"verify_signature": False})
    body = base64url_encode(json.dumps(payload).encode())
    head = base64url_encode(b'{"alg":"HS256","kid":"new","typ":"JWT"}')
    hs256 = jwt.get_algorithm_by_name("HS256")
    signature = hs256.sign(head + b"." + body, public_pem(key).encode())
    forged = b".".join([head, body, base64url_encode(signature)]).decode()

    with pytest.raises(InvalidToken):
        codec.read(forged, TokenType.ACCESS)


def test_a_token_of_the_derived_secret_is_refused(settings: Settings) -> None:
    secret = derive_key(settings.secret_key.get_secret_value())
    payload = jwt.decode(TokenCodec(settings).write(claims()), options={"verify_signature": False})
    token = jwt.encode(payload, secret, "HS256", headers={"kid": OWN_KEY})
    key = private_pem("ES256", "new")

    with pytest.raises(InvalidToken):
        TokenCodec(make_settings("ES256", "new", new=key)).read(token, TokenType.ACCESS)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", private_pem("ES256", "new")),
        ("ES256", private_pem("RS256", "new")),
        ("RS256", private_pem("RS256", "short", bits=1024)),
        ("RS256", public_pem(private_pem("RS256", "new"))),
    ],
    ids=["of another algorithm", "of another algorithm too", "short", "public"],
)
def test_keys_that_do_not_fit_are_refused(algorithm: str, key: str) -> None:
    with pytest.raises(ValidationError) as failure:
        make_settings(algorithm, "a", a=key)

    assert "BEGIN" not in str(failure.value)


async def test_shared_secrets_are_not_published(settings: Settings) -> None:
    async with serve(create_app(settings)) as client:
        assert (await client.get(URL)).json() == {"keys": []}
