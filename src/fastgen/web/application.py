"""Builds the application: its routes, its errors and its protection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from fastgen.web.faults import BadChoice
from fastgen.web.problems import bad_choice, problem
from fastgen.web.protection import RateLimit, SameOrigin, SecureHeaders
from fastgen.web.render_pool import Busy, Renders
from fastgen.web.routes import router


def create_app(
    renders: Renders | None = None,
    *,
    only_loopback: bool = False,
    requests_per_minute: int | None = None,
) -> FastAPI:
    """Build the application.

    Args:
        renders: renders the projects.
        only_loopback: whether requests for other hosts than this machine are refused.
        requests_per_minute: of one client address; None for no limit.
    """
    app = FastAPI(openapi_url=None, lifespan=_lifespan)
    app.state.renders = renders or Renders()
    app.include_router(router)
    app.add_exception_handler(BadChoice, _show_bad_choice)
    app.add_exception_handler(Busy, _show_busy)
    app.add_exception_handler(404, _show_http_error)
    app.add_exception_handler(405, _show_http_error)
    app.add_exception_handler(Exception, _show_bug)
    if requests_per_minute is not None:
        app.add_middleware(RateLimit, per_minute=requests_per_minute)
    app.add_middleware(SameOrigin, only_loopback=only_loopback)
    app.add_middleware(SecureHeaders)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.renders.close()


async def _show_bad_choice(_: Request, error: Exception) -> JSONResponse:
    return bad_choice(error.faults if isinstance(error, BadChoice) else [])


async def _show_busy(_: Request, __: Exception) -> JSONResponse:
    return problem(503, "Too many projects are being rendered.", headers={"Retry-After": "5"})


async def _show_http_error(_: Request, error: Exception) -> JSONResponse:
    status = getattr(error, "status_code", 404)  # of Starlette's class, or of FastAPI's
    detail = "Use GET." if status == 405 else "There is nothing here."
    return problem(status, detail, headers=getattr(error, "headers", None))


async def _show_bug(_: Request, __: Exception) -> JSONResponse:
    return problem(500, "This is a bug in fastgen.")
