"""Registration, sign-in and sign-out."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, Request, Response, status

from app.api.deps import SessionDep, SettingsDep
from app.auth.access import KnownScopesDep
from app.auth.cookies import cookie_response, delete_cookies
from app.auth.deps import AuthDep, ClientIPDep, PrincipalDep, set_no_store
from app.auth.mail import send_password_reset
from app.auth.schemas import (
    Logout,
    PasswordChange,
    PasswordForgotten,
    PasswordReset,
    Refresh,
    SignIn,
    Tokens,
    UserCreate,
    UserRead,
)
from app.auth.user_sessions import SessionService
from app.auth.users import SendMail
from app.auth.users_router import UsersDep
from app.core.origins import check_origin

router = APIRouter(dependencies=[Depends(set_no_store)])


async def get_sessions(session: SessionDep, auth: AuthDep) -> SessionService:
    return SessionService(session, auth)


async def get_mailer(settings: SettingsDep) -> SendMail:
    return partial(send_password_reset, settings)


SessionsDep = Annotated[SessionService, Depends(get_sessions)]
MailerDep = Annotated[SendMail, Depends(get_mailer)]


@router.post("/register", status_code=status.HTTP_201_CREATED, responses={429: {}})
async def register(data: UserCreate, users: UsersDep, ip: ClientIPDep) -> UserRead:
    return UserRead.model_validate(await users.register(data, ip))


@router.post(
    "/token",
    response_model=Tokens,
    responses={401: {}, 403: {}, 429: {}},
    form_limits={"max_fields": 10, "max_files": 0, "max_part_size": 4000},
)
async def sign_in(
    form: Annotated[SignIn, Form()],
    users: UsersDep,
    sessions: SessionsDep,
    auth: AuthDep,
    known: KnownScopesDep,
    ip: ClientIPDep,
    request: Request,
) -> Tokens | Response:
    """The password grant of OAuth2: `username` is the e-mail address.

    With SESSION_COOKIES, the response sets cookies, and contains no tokens.
    """
    if auth.settings.session_cookies:
        check_origin(request.headers, auth.settings.allowed_origins)
    password = form.password.get_secret_value()
    user, new_hash = await users.check_password(form.username, password, ip)
    session = await sessions.begin(user, form.scope, known, new_hash=new_hash)
    if auth.settings.session_cookies:
        return cookie_response(session, auth)
    return sessions.tokens(session)


@router.post("/refresh", responses={401: {}})
async def refresh(data: Refresh, sessions: SessionsDep) -> Tokens:
    """A refresh token can be used once; the response contains the next one."""
    return sessions.tokens(await sessions.refresh(data.refresh_token))


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def log_out(
    data: Logout,
    principal: PrincipalDep,
    sessions: SessionsDep,
    auth: AuthDep,
    response: Response,
) -> None:
    """End the session with all its tokens."""
    await sessions.log_out(principal, data.refresh_token)
    if auth.settings.session_cookies:
        delete_cookies(response)


@router.post("/password", status_code=status.HTTP_204_NO_CONTENT, responses={429: {}})
async def change_password(
    data: PasswordChange, principal: PrincipalDep, users: UsersDep, ip: ClientIPDep
) -> None:
    """End all sessions of the user, this one too. API keys stay valid."""
    email = (await users.get(principal.user_id)).email
    user, _ = await users.check_password(email, data.current_password.get_secret_value(), ip)
    await users.change_password(user, data.new_password.get_secret_value())


@router.post(
    "/password/forgot",
    status_code=status.HTTP_202_ACCEPTED,
    response_class=Response,
    responses={429: {}},
)
async def forget_password(
    data: PasswordForgotten,
    users: UsersDep,
    send_mail: MailerDep,
    auth: AuthDep,
    ip: ClientIPDep,
    background: BackgroundTasks,
) -> None:
    """Send a token by mail. The response is the same for unknown addresses."""
    await auth.throttle.count_password_reset(data.email, ip)
    background.add_task(users.send_reset_token, data.email, send_mail)


@router.post("/password/reset", status_code=status.HTTP_204_NO_CONTENT, responses={401: {}})
async def reset_password(data: PasswordReset, users: UsersDep) -> None:
    """Set the password with a token from a mail, and end all sessions of the user."""
    await users.reset_password(data.token, data.new_password.get_secret_value())
