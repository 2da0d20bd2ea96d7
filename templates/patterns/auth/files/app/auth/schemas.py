"""Schemas of users, tokens and API keys."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import MISSING, AfterValidator, EmailStr, Field, SecretStr, StrictBool
from pydantic.networks import validate_email

from app.auth.passwords import MAX_LENGTH, MIN_LENGTH, is_common
from app.auth.principal import Role
from app.schemas.base import DateTime, Input, Output
from app.schemas.pagination import ListQuery, Page


def _fold(email: str) -> str:
    return unicodedata.normalize("NFC", email.lower())


def normalize_email(text: str) -> str:
    """The form that `Email` gives, or the text itself if it is no e-mail address."""
    try:
        return _fold(validate_email(text)[1])
    except ValueError:
        return text


def _strong(password: SecretStr) -> SecretStr:
    text = password.get_secret_value()
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:  # pydantic would count "items"
        raise ValueError(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters")
    if is_common(text):
        raise ValueError("this password is too common")
    return password


# `EmailStr` strips spaces, decodes the domain from punycode, and composes Unicode (NFC).
Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(_fold)]
FullName = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[SecretStr, Field(max_length=MAX_LENGTH)]
NewPassword = Annotated[
    SecretStr,
    AfterValidator(_strong),
    Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH, examples=["a tall ship at dawn"]),
]
Scope = Annotated[str, Field(min_length=1, max_length=80)]


class UserCreate(Input):
    email: Email
    password: NewPassword
    full_name: FullName | None = None


class UserPatch(Input):
    """Changes by an admin."""

    full_name: FullName | MISSING | None = MISSING
    role: Role | MISSING = MISSING
    is_active: StrictBool | MISSING = MISSING


class UserRead(Output):
    id: int
    email: str
    full_name: str | None
    role: Role
    is_active: bool
    created_at: datetime


class UserQuery(ListQuery):
    sort: Literal["email", "-email", "created_at", "-created_at", "id", "-id"] = "-created_at"


UserPage = Page[UserRead]


class PasswordChange(Input):
    current_password: Password
    new_password: NewPassword


class PasswordForgotten(Input):
    email: Email


class PasswordReset(Input):
    token: str
    new_password: NewPassword


class SignIn(Input):
    """The form of the password grant (RFC 6749). The client id and secret are not used."""

    grant_type: Literal["password"] = "password"
    username: Annotated[
        str,
        Field(min_length=1, max_length=254, description="The e-mail address."),
        AfterValidator(normalize_email),
    ]
    password: Password
    scope: Annotated[
        str, Field(max_length=2000, description="Separated by spaces; by default all scopes.")
    ] = ""
    client_id: Annotated[str | None, Field(max_length=254)] = None
    client_secret: Annotated[SecretStr | None, Field(max_length=254)] = None


class Refresh(Input):
    refresh_token: str


class Logout(Input):
    """Without a token, the session of the request ends."""

    refresh_token: str | None = None


class Tokens(Output):
    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  # a word of the protocol
    expires_in: int
    """The lifetime of the access token, in seconds."""
    scope: str


class ApiKeyCreate(Input):
    name: Annotated[str, Field(min_length=1, max_length=80, examples=["reports"])]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=100)]
    expires_at: DateTime | None = None


class ApiKeyRead(Output):
    id: int
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    created_at: datetime


class ApiKeyCreated(ApiKeyRead):
    key: str


class ApiKeyQuery(ListQuery):
    sort: Literal["name", "-name", "created_at", "-created_at", "id", "-id"] = "-created_at"


ApiKeyPage = Page[ApiKeyRead]
