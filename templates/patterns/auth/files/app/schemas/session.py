"""Signing in, and the tokens of a session, on the wire (RFC 6749)."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from app.schemas.base import Input, Output
from app.schemas.user import Password


class SignIn(Input):
    """The form of the password grant; what else belongs to it is taken, and not used."""

    grant_type: Literal["password"] = "password"
    username: Annotated[str, Field(min_length=1, max_length=254, description="The e-mail address.")]
    password: Password
    scope: Annotated[
        str, Field(max_length=2000, description="Parted by blanks; by default all there are.")
    ] = ""
    client_id: Annotated[str | None, Field(max_length=254)] = None
    client_secret: Annotated[SecretStr | None, Field(max_length=254)] = None


class Refresh(Input):
    refresh_token: str


class Logout(Input):
    """Without a token it is the session of the caller that ends."""

    refresh_token: str | None = None


class Tokens(Output):
    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # a word of the protocol
    expires_in: int
    """Seconds that the access token is good for."""
    scope: str
