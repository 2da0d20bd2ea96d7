"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response, status

from app.api.access import KnownScopesDep
from app.api.dependencies.caller import InSessionDep
from app.api.dependencies.security import AddressDep, ToolsDep
from app.api.dependencies.users import PasswordsDep, SessionsDep, UsersDep
from app.api.session_cookies import check_origin, delete_cookies, set_cookies
from app.schemas.session import Logout, Refresh, SignIn, Tokens
from app.schemas.user import PasswordChange, UserCreate, UserRead

router = APIRouter()


@router.post("/register", status_code=status.HTTP_201_CREATED, responses={429: {}})
async def register(data: UserCreate, users: UsersDep, address: AddressDep) -> UserRead:
    return UserRead.model_validate(await users.register(data, address))


@router.post(
    "/token",
    responses={401: {}, 403: {}, 429: {}},
    form_limits={"max_fields": 10, "max_files": 0, "max_part_size": 4000},
)
async def sign_in(
    form: Annotated[SignIn, Form()],
    passwords: PasswordsDep,
    sessions: SessionsDep,
    tools: ToolsDep,
    known: KnownScopesDep,
    address: AddressDep,
    request: Request,
    response: Response,
) -> Tokens:
    """The password grant of OAuth2: `username` is the e-mail address."""
    if tools.settings.session_cookies:
        check_origin(request, tools)
    password = form.password.get_secret_value()
    user, better_hash = await passwords.check(form.username.lower(), password, address)
    signed_in = await sessions.begin(user, form.scope, known)
    if better_hash is not None:
        await sessions.renew_hash(user, better_hash)
    if tools.settings.session_cookies:
        set_cookies(response, signed_in.session, tools)
    return signed_in.tokens


@router.post("/refresh", responses={401: {}})
async def refresh(data: Refresh, sessions: SessionsDep) -> Tokens:
    """Every refresh token is used once; the answer has the next one."""
    return (await sessions.refresh(data.refresh_token)).tokens


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def log_out(
    data: Logout,
    caller: InSessionDep,
    sessions: SessionsDep,
    tools: ToolsDep,
    response: Response,
) -> None:
    """End the session with all of its tokens, at once."""
    await sessions.log_out(caller, data.refresh_token)
    if tools.settings.session_cookies:
        delete_cookies(response)


@router.post("/password", status_code=status.HTTP_204_NO_CONTENT, responses={429: {}})
async def change_password(
    data: PasswordChange,
    caller: InSessionDep,
    users: UsersDep,
    passwords: PasswordsDep,
    address: AddressDep,
) -> None:
    """End every session of the user, this one too. API keys stay: they are revoked one by one."""
    email = (await users.get(caller.user_id)).email
    user, _ = await passwords.check(email, data.current_password.get_secret_value(), address)
    await users.change_password(user, data.new_password.get_secret_value())
