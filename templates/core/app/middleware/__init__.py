"""The middleware of the service, in the order in which a request passes it."""

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.middleware.access_log import AccessLog
from app.middleware.body_limit import BodyLimit
from app.middleware.catch_errors import CatchErrors
from app.middleware.draining import Draining
from app.middleware.etag import ETag
from app.middleware.gzip import GZip
from app.middleware.request_id import RequestId
from app.middleware.request_limits import RequestLimits
from app.middleware.security_headers import SecurityHeaders
from app.middleware.trusted_host import TrustedHost
from app.settings import Settings


def middleware(settings: Settings) -> list[Middleware]:
    """The list that FastAPI gets. Responses pass it in reverse order."""
    origins = settings.allowed_origins
    proxies = ["*"] if "*" in settings.trusted_proxies else [*settings.trusted_proxies]
    return [
        *([Middleware(ProxyHeadersMiddleware, proxies)] if proxies else []),
        Middleware(RequestId),
        *([Middleware(AccessLog, as_json=settings.in_production)] if settings.access_log else []),
        Middleware(Draining),
        Middleware(SecurityHeaders, docs_paths=[settings.docs_path, settings.redoc_path]),
        Middleware(TrustedHost, settings.allowed_hosts),
        *(
            [
                Middleware(
                    CORSMiddleware,
                    allow_origins=origins,
                    allow_methods=["*"],
                    allow_headers=["*"],
                    allow_credentials="*" not in origins,
                    expose_headers=["ETag", "Location", "X-Request-ID"],
                )
            ]
            if origins
            else []
        ),
        Middleware(BodyLimit, settings.max_body_bytes, settings.body_limits()),
        Middleware(ETag),
        Middleware(GZip, minimum_size=1024, compresslevel=5),
        Middleware(CatchErrors),
        Middleware(RequestLimits),
    ]
