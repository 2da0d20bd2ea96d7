"""Sign-in of admins: a session of the service, whose token is in a cookie of the pages."""

from sqladmin.authentication import AuthenticationBackend
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.admin_pages.requests import PagesMiddleware
from app.auth.authentication import Authenticator
from app.auth.cookies import session_cookie
from app.auth.models import UserSession
from app.auth.principal import ADMIN_SCOPE, Principal, Role
from app.auth.tokens import TokenType
from app.auth.user_sessions import SessionService
from app.auth.users import UserService
from app.core.errors import AppError
from app.lifespan import Connection

COOKIE = "__Host-admin-pages"


class AdminSignIn(AuthenticationBackend):
    """Passwords, throttling and sessions are those of the API; only admins get in."""

    def __init__(self) -> None:  # without the session middleware of the base
        self.middlewares = [Middleware(PagesMiddleware)]

    async def login(self, request: Request) -> Response | bool:
        form = await request.form(max_files=0, max_fields=10, max_part_size=4000)
        try:
            session = await _begin(
                Connection(request.scope), str(form.get("username")), str(form.get("password"))
            )
        except AppError:  # SQLAdmin says "Invalid credentials.", whatever the reason was
            return False
        return _with_cookie(request, session) if session is not None else False

    async def authenticate(self, request: Request) -> bool:
        return await _get_admin(request) is not None

    async def get_user_id(self, request: Request) -> int | None:
        admin = await _get_admin(request)
        return admin.user_id if admin is not None else None

    async def logout(self, request: Request) -> Response:
        state = Connection(request.scope).state
        if (admin := await _get_admin(request)) is not None:
            async with state["database"].session() as session:
                await SessionService(session, state["auth"]).log_out(admin, None)
        response = RedirectResponse(request.url_for("admin:login"), 302)
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
        return response


async def _begin(connection: Connection, email: str, password: str) -> UserSession | None:
    """A new session; None for users who are no admins."""
    auth, database = connection.state["auth"], connection.state["database"]
    ip = connection.client.host if connection.client else ""
    async with database.session() as session:
        users = UserService(database.read_session(), session, auth)
        user, new_hash = await users.check_password(email, password, ip)
        if user.role is not Role.ADMIN:
            return None
        sessions = SessionService(session, auth)
        return await sessions.begin(user, ADMIN_SCOPE, {ADMIN_SCOPE}, new_hash=new_hash)


def _with_cookie(request: Request, session: UserSession) -> Response:
    token, age = session_cookie(session, Connection(request.scope).state["auth"])
    response = RedirectResponse(request.url_for("admin:index"), 302)
    response.set_cookie(COOKIE, token, age, secure=True, httponly=True, samesite="strict")
    return response


async def _get_admin(request: Request) -> Principal | None:
    state = Connection(request.scope).state
    token = request.cookies.get(COOKIE, "")
    try:
        found = await Authenticator(state["database"], state["auth"]).by_token(
            token, TokenType.COOKIE
        )
    except AppError:
        return None
    return found if found.has_full_access else None
