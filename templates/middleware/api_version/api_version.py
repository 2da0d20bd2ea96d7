"""The version of the API by header instead of by path."""

import re
from collections.abc import Sequence
from typing import ClassVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem

HEADER = "X-API-Version"
ROOT = "/api/"
VERSION = re.compile(r"v[0-9]+(?=/|$)")


class ApiVersion:
    """Serves `/api/items` from the version in the header; the default is the first version.

    An unknown version is 400, and so is a header that contradicts the version in the path.
    """

    answers: ClassVar = (400,)

    def __init__(self, app: ASGIApp, versions: Sequence[str]) -> None:
        self.app = app
        self._versions = versions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "") + ROOT
        if scope["type"] not in ("http", "websocket") or not scope["path"].startswith(root):
            await self.app(scope, receive, send)
            return
        rest = scope["path"].removeprefix(root)
        in_path = VERSION.match(rest)
        wanted = Headers(scope=scope).get(HEADER)
        if wanted is None:
            version = in_path[0] if in_path else self._versions[0]
        else:
            version = wanted if wanted.startswith("v") else f"v{wanted}"
        if wanted is not None and (
            version not in self._versions or (in_path and in_path[0] != version)
        ):
            known = ", ".join(self._versions)
            refusal = problem(scope, 400, f"{HEADER} is not that of the path, or one of: {known}.")
            await refusal(scope, receive, send)
            return
        if in_path is None:
            path = f"{root}{version}/{rest}"
            scope = {**scope, "path": path, "raw_path": path.encode()}

        async def send_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[HEADER] = version
                headers.add_vary_header(HEADER)
            await send(message)

        await self.app(scope, receive, send_version)
