"""Tokens that are not ours, and tokens that are, but not for this."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from app.auth import tokens
from app.auth.errors import InvalidToken
from app.auth.keys import derive_key
from app.auth.tokens import MAX_LENGTH, OWN_KEY, Claims, TokenCodec, TokenType
from app.settings import Settings

OLD, NEW = "an old key of thirty-two bytes ..", "a new key of thirty-two bytes ..."


def claims(**changes: Any) -> Claims:
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "type": TokenType.ACCESS,
        "sub": 7,
        "sid": "3-abc",
        "jti": "x",
        "scope": "items:read items:write",
        "iat": now,
        "exp": now + timedelta(minutes=15),
    }
    return Claims(**values | changes)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def codec(settings: Settings) -> TokenCodec:
    return TokenCodec(settings)


def payload(codec: TokenCodec) -> dict[str, Any]:
    """What a good token says."""
    unsafe: dict[str, Any] = jwt.decode(codec.write(claims()), options={"verify_signature": False})
    return unsafe


def signed(settings: Settings, payload: dict[str, Any], **header: Any) -> str:
    """A token with the right signature, whatever it says."""
    headers = {"kid": OWN_KEY, **header}
    return jwt.encode(
        payload,
        derive_key(settings.secret_key.get_secret_value()),
        headers.pop("alg", "HS256"),
        headers=headers,
    )


def unsigned(header: object, payload: object = None) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, payload or {})
    ]
    return f"{'.'.join(parts)}.{'A' * 43}"


def test_a_written_token_is_read(codec: TokenCodec) -> None:
    read = codec.read(codec.write(claims()), TokenType.ACCESS)

    assert (read.sub, read.sid, read.jti) == (7, "3-abc", "x")
    assert read.scope == "items:read items:write"


def test_the_claims_of_the_contract(codec: TokenCodec) -> None:
    assert set(payload(codec)) == {
        "iss",
        "aud",
        "sub",
        "sid",
        "jti",
        "iat",
        "nbf",
        "exp",
        "type",
        "scope",
    }


def test_the_clock_of_another_server_may_be_ahead(settings: Settings) -> None:
    assert settings.jwt_leeway_seconds == 10
    ahead = claims(iat=datetime.now(UTC) + timedelta(minutes=10))
    token = TokenCodec(settings).write(ahead)

    lenient = settings.model_copy(update={"jwt_leeway_seconds": 3600})
    assert TokenCodec(lenient).read(token, TokenType.ACCESS).sub == 7
    with pytest.raises(InvalidToken):
        TokenCodec(settings).read(token, TokenType.ACCESS)


def test_the_same_claims_give_the_same_token(codec: TokenCodec, settings: Settings) -> None:
    same = claims()

    assert codec.write(same) == TokenCodec(settings).write(same)


def bad_tokens() -> Iterator[tuple[str, object]]:
    good = {"alg": "HS256", "typ": "JWT", "kid": OWN_KEY}
    yield "empty", ""
    yield "one part", "x"
    yield "four parts", "a.b.c.d"
    yield "not base64", "!!.!!.!!"
    yield "not UTF-8", "\u00e4.b.c"
    yield "a lone surrogate", "\ud800.b.c"
    yield "not an object", unsigned([1])
    yield "deeply nested", f"{base64.urlsafe_b64encode(b'[' * 2400).decode()}.e30.AA"
    yield "100 kB", unsigned(good | {"x": "y" * 100_000})
    yield "just too long", "x" * (MAX_LENGTH + 1)
    yield "no signature", unsigned(good).rpartition(".")[0] + "."
    yield "none", unsigned(good | {"alg": "none"})
    yield "None", unsigned(good | {"alg": "None"})
    yield "another algorithm", unsigned(good | {"alg": "HS512"})
    yield "an asymmetric one", unsigned(good | {"alg": "RS256"})
    yield "no algorithm", unsigned({"typ": "JWT", "kid": OWN_KEY})
    yield "an algorithm that is a list", unsigned(good | {"alg": ["HS256"]})
    for kid in ("", "other", "../../etc/passwd", "' OR 1=1", 7, None, ["own"], {"own": 1}):
        yield f"kid {kid!r}", unsigned(good | {"kid": kid})
    yield "no kid", unsigned({"alg": "HS256", "typ": "JWT"})
    for member in ("jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "cty"):
        yield member, unsigned(good | {member: "https://evil.example/keys"})
    yield "another type", unsigned(good | {"typ": "at+jwt"})


@pytest.mark.parametrize("token", [pytest.param(token, id=name) for name, token in bad_tokens()])
def test_foreign_tokens_are_refused(codec: TokenCodec, token: str) -> None:
    with pytest.raises(InvalidToken):
        codec.read(token, TokenType.ACCESS)


@pytest.mark.parametrize("part", range(3))
def test_tampered_tokens_are_refused(codec: TokenCodec, part: int) -> None:
    parts = codec.write(claims()).split(".")
    parts[part] = parts[part][:-2] + ("AA" if parts[part][-2:] != "AA" else "BB")

    with pytest.raises(InvalidToken):
        codec.read(".".join(parts), TokenType.ACCESS)


@pytest.mark.parametrize("member", ["jku", "jwk", "x5u", "crit"])
def test_a_good_signature_does_not_excuse_an_odd_header(
    codec: TokenCodec, settings: Settings, member: str
) -> None:
    value: object = {"jwk": {"kty": "oct"}, "crit": ["exp"]}.get(member, "x")
    token = signed(settings, payload(codec), **{member: value})

    with pytest.raises(InvalidToken):
        codec.read(token, TokenType.ACCESS)


def test_a_good_key_does_not_excuse_another_algorithm(
    codec: TokenCodec, settings: Settings
) -> None:
    with pytest.raises(InvalidToken):
        codec.read(signed(settings, payload(codec), alg="HS512"), TokenType.ACCESS)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody else"},
        {"aud": "somebody else"},
        {"aud": ["app"]},
        {"exp": 1},
        {"exp": int(time()) - 11},
        {"exp": "soon"},
        {"exp": 10**20},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
        {"sub": "me"},
        {"sub": 7},
        {"jti": 7},
        {"type": "refresh"},
        {"type": "cookie"},
        {"type": "nonsense"},
        {"type": None},
    ],
    ids=range(16),
)
def test_wrong_claims_are_refused(
    codec: TokenCodec, settings: Settings, changes: dict[str, object]
) -> None:
    token = signed(settings, payload(codec) | changes)

    with pytest.raises(InvalidToken):
        codec.read(token, TokenType.ACCESS)


@pytest.mark.parametrize("name", tokens.REQUIRED)
def test_missing_claims_are_refused(codec: TokenCodec, settings: Settings, name: str) -> None:
    less = payload(codec)
    del less[name]

    with pytest.raises(InvalidToken):
        codec.read(signed(settings, less), TokenType.ACCESS)


def test_a_token_that_was_good_is_over_at_its_time(codec: TokenCodec) -> None:
    """Also one whose signature was checked before, and is remembered."""
    past = datetime.now(UTC) - timedelta(hours=1)
    over = claims(iat=past, exp=past + timedelta(minutes=59))
    token = codec.write(over)
    with pytest.raises(InvalidToken):
        codec.read(token, TokenType.ACCESS)

    now = int(datetime.now(UTC).timestamp())
    good = codec.write(claims())
    codec.read(good, TokenType.ACCESS)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(tokens, "time", lambda: now + 905.0)
        codec.read(good, TokenType.ACCESS)  # within the leeway
        clock.setattr(tokens, "time", lambda: now + 911.0)
        with pytest.raises(InvalidToken):
            codec.read(good, TokenType.ACCESS)


class TestKeys:
    def codec(self, active: str, **keys: str) -> TokenCodec:
        known = {kid: SecretStr(key) for kid, key in keys.items()}
        return TokenCodec(Settings(jwt_keys=known, jwt_active_kid=active))

    def test_the_old_one_is_good_until_it_is_taken_away(self) -> None:
        before = self.codec("old", old=OLD).write(claims())
        both = self.codec("new", old=OLD, new=NEW)
        after = both.write(claims())

        assert both.read(before, TokenType.ACCESS).sub == 7
        assert both.read(after, TokenType.ACCESS).sub == 7
        assert jwt.get_unverified_header(after)["kid"] == "new"
        with pytest.raises(InvalidToken):
            self.codec("new", new=NEW).read(before, TokenType.ACCESS)

    def test_a_key_is_good_under_its_own_name_only(self) -> None:
        token = self.codec("old", old=NEW).write(claims())

        with pytest.raises(InvalidToken):
            self.codec("new", old=OLD, new=NEW).read(token, TokenType.ACCESS)

    def test_another_secret_is_another_key(self, codec: TokenCodec) -> None:
        other = Settings(secret_key=SecretStr("another-secret-0123456789-abcdefghijk"))

        with pytest.raises(InvalidToken):
            TokenCodec(other).read(codec.write(claims()), TokenType.ACCESS)
