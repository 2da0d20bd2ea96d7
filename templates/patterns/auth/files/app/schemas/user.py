"""Users on the wire. Passwords only come in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import MISSING, AfterValidator, EmailStr, Field, SecretStr, StrictBool

from app.core.security.caller import Role
from app.core.security.password_rules import MAX_LENGTH, MIN_LENGTH, is_common
from app.schemas.base import Input, Output
from app.schemas.pagination import ListQuery, Page


def _not_common(password: SecretStr) -> SecretStr:
    if is_common(password.get_secret_value()):
        raise ValueError("this password is among the first that somebody would try")
    return password


# One mailbox, one user: the part before the @ could differ by case, and nowhere does.
Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower)]
FullName = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[SecretStr, Field(max_length=MAX_LENGTH)]
NewPassword = Annotated[
    SecretStr,
    Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH, examples=["a tall ship at dawn"]),
    AfterValidator(_not_common),
]
UserSort = Literal["email", "-email", "created_at", "-created_at", "id", "-id"]


class UserCreate(Input):
    """Somebody who wants to be a user; the role is not theirs to choose."""

    email: Email
    password: NewPassword
    full_name: FullName | None = None


class UserPatch(Input):
    """What an admin may change of a user."""

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
    sort: UserSort = "-created_at"


class UserPage(Page[UserRead]):
    pass


class PasswordChange(Input):
    current_password: Password
    new_password: NewPassword
