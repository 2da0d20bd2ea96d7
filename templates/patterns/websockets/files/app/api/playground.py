"""A page to try rooms from a browser, where DOCS_ENABLED is set."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from app.core.errors import NotFound

FOLDER = Path(__file__).with_name("playground_page")
PAGE = "page.html"
PARTS = "parts.json"
FILES = (PAGE, "page.css", "page.js", PARTS)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}

router = APIRouter()


async def read_playground(request: Request) -> Response:
    """The page, its style and script, and which parts this service has."""
    name = request.path_params.get("name", PAGE)
    if name not in FILES or not request.state["settings"].docs_enabled:
        raise NotFound("There is no such page.")
    if name != PARTS:
        return FileResponse(FOLDER / name, headers=HEADERS)
    paths = {getattr(route, "path", "") for route in request.app.routes}
    parts = {"sign_in": "/api/v1/auth/token", "events": "/api/v1/events/{topic}"}
    return JSONResponse({part: path in paths for part, path in parts.items()}, headers=HEADERS)


router.add_route("/playground", read_playground, include_in_schema=False)
router.add_route("/playground/{name}", read_playground, include_in_schema=False)
