"""The pages, as class-based views: one class a path, one method for each HTTP method."""

from pathlib import Path

from fastapi import APIRouter
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from app.core.errors import BadRequest

FOLDER = Path(__file__).parent
THEMES = ("light", "dark")
# Everything comes from this server, nothing is inline, and no other page shows it in a frame.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
YEAR = 31_536_000

pages = Jinja2Templates(FOLDER / "pages")


class Home(HTTPEndpoint):
    """The first page."""

    async def get(self, request: Request) -> Response:
        theme = request.cookies.get("theme")
        context = {
            "title": request.state["settings"].app_title,
            "theme": theme if theme in THEMES else THEMES[0],
            "themes": THEMES,
        }
        headers = {"Content-Security-Policy": POLICY, "Vary": "Cookie"}
        return pages.TemplateResponse(request, "home.html", context, headers=headers)


class Theme(HTTPEndpoint):
    """A form that sets a cookie, and shows the page again."""

    async def post(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10) as form:
            theme = form.get("theme")
        if theme not in THEMES:
            raise BadRequest("There is no such theme.")
        # 303: the browser continues with GET, and reloading sends nothing twice.
        response = RedirectResponse(request.url_for("home"), 303)
        response.set_cookie(
            "theme",
            str(theme),
            max_age=YEAR,
            secure=request.state["settings"].in_production,
            httponly=True,
            samesite="lax",
        )
        return response


async def read_old_home(request: Request) -> Response:
    """A page that has moved for good."""
    return RedirectResponse(request.url_for("home"), 308)


router = APIRouter(
    routes=[
        Route("/", Home, name="home"),
        Route("/theme", Theme, name="theme"),
        Route("/index.html", read_old_home),
        Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
    ]
)
