"""The middleware of the service, in the order in which a request meets it."""

from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.middleware.access_log import AccessLog
from app.middleware.body_limit import BodyLimit
from app.middleware.cors import CORS
from app.middleware.draining import Draining
from app.middleware.edge import EdgeMiddleware, Step
from app.middleware.etag import ETag
from app.middleware.gzip import GZip
from app.middleware.request_id import RequestId
from app.middleware.security_headers import SecurityHeaders
from app.middleware.trusted_host import TrustedHost
from app.settings import Settings


def middleware(settings: Settings) -> list[Middleware]:
    """Pure ASGI classes. The core's own, which are small, are steps of one of them."""
    proxies = list(settings.trusted_proxies)
    return [
        *([Middleware(ProxyHeadersMiddleware, proxies)] if proxies else []),
        Middleware(
            EdgeMiddleware,
            [
                RequestId(),
                AccessLog(as_json=settings.in_production) if settings.access_log else Step(),
                Draining(),
                SecurityHeaders([settings.docs_path, settings.redoc_path]),
                TrustedHost(settings.allowed_hosts),
                CORS(settings.allowed_origins) if settings.allowed_origins else Step(),
                BodyLimit(settings.max_body_bytes, settings.body_limits()),
                GZip(),
                ETag(),
            ],
        ),
    ]
