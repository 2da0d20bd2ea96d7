"""Downloads of files, whole or in parts (RFC 9110, section 14)."""

from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from app.core.errors import AppError


class RangeNotSatisfiable(AppError):
    """The file does not have these bytes."""

    status = 416


class Download(FileResponse):
    """A `FileResponse` that refuses a range with problem details instead of a plain text."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_refuse(message: Message) -> None:
            if message.get("status", 0) >= 400:
                size = {"Content-Range": f"bytes */{self.headers['content-length']}"}
                raise RangeNotSatisfiable("The file does not have these bytes.", headers=size)
            await send(message)

        unit = Headers(scope=scope).get("range", "").partition("=")[0].strip().lower()
        if unit != "bytes" or scope["method"] != "GET":  # such a range must be ignored
            others = [header for header in scope["headers"] if header[0] != b"range"]
            scope = {**scope, "headers": others}
        await super().__call__(scope, receive, send_or_refuse)
