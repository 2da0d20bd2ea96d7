"""A page to try rooms from a browser, where DOCS_ENABLED is set."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.core.errors import NotFound

FOLDER = Path(__file__).with_name("playground_page")
FILES = {
    "/playground": ("page.html", "text/html"),
    "/playground/page.css": ("page.css", "text/css"),
    "/playground/page.js": ("page.js", "text/javascript"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}

router = APIRouter()


def _check(request: Request) -> None:
    if not request.state["settings"].docs_enabled:
        raise NotFound("The playground is disabled.")


def _file(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        _check(request)
        return Response((FOLDER / name).read_bytes(), headers=HEADERS, media_type=media_type)

    return answer


async def read_parts(request: Request) -> Response:
    """The parts that this service has."""
    _check(request)
    paths = {getattr(route, "path", "") for route in request.app.routes}
    parts = {"sign_in": "/api/v1/auth/token", "events": "/api/v1/events/{topic}"}
    return JSONResponse({part: path in paths for part, path in parts.items()}, headers=HEADERS)


for path, (name, media_type) in FILES.items():
    router.add_route(path, _file(name, media_type), include_in_schema=False)
router.add_route("/playground/parts.json", read_parts, include_in_schema=False)
