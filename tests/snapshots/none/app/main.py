"""The application: `fastapi dev`, `python -m app`, or `uvicorn app.main:app`."""

from fastapi import FastAPI

from app import __version__
from app.api.deps import EVERY_REQUEST
from app.api.router import include_routers
from app.core.logging import configure_logging
from app.core.openapi import extend_openapi, operation_id
from app.core.problems import EXCEPTION_HANDLERS
from app.core.routing import flatten_routes
from app.lifespan import lifespan
from app.middleware import middleware
from app.settings import Settings, get_settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application. Connections are opened by its lifespan.

    Raises:
        SettingsError: `settings` is not given, and those of the environment are not valid.
    """
    settings = settings or get_settings()
    configure_logging(settings.log_level, as_json=settings.in_production)
    telemetry = settings.telemetry_enabled
    app = FastAPI(
        title=settings.app_title,
        description=settings.app_description,
        version=__version__,
        contact=settings.contact,
        servers=[{"url": settings.root_path or "/"}],  # behind ROOT_PATH there is no other one
        docs_url=settings.docs_path if settings.docs_enabled else None,
        redoc_url=settings.redoc_path if settings.docs_enabled else None,
        openapi_url=settings.openapi_path if settings.docs_enabled else None,
        swagger_ui_parameters=settings.swagger_ui_parameters,
        generate_unique_id_function=operation_id,
        telemetry={"tracing": telemetry, "metrics": telemetry, "logs": telemetry},
        debug=settings.debug,
        lifespan=lifespan(settings),
        redirect_slashes=False,
        dependencies=EVERY_REQUEST,
        middleware=middleware(settings),
        exception_handlers=EXCEPTION_HANDLERS,
    )
    include_routers(app)
    flatten_routes(app)
    extend_openapi(app)
    return app


app = create_app()
