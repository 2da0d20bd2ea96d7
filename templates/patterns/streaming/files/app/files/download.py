"""Downloads of files, whole or in parts (RFC 9110, section 14)."""

from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from app.core.errors import AppError, NotFound


class RangeNotSatisfiable(AppError):
    """The file does not have these bytes."""

    status = 416


class Download(FileResponse):
    """A `FileResponse` with problem details for a range that is refused, and for a deleted file."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None

        async def send_or_refuse(message: Message) -> None:
            nonlocal start
            if message.get("status", 0) >= 400:
                size = {"Content-Range": f"bytes */{self.headers['content-length']}"}
                raise RangeNotSatisfiable("The file does not have these bytes.", headers=size)
            if message["type"] == "http.response.start":
                start = message  # until the file is open: it may have been deleted meanwhile
                return
            if start is not None:
                await send(start)
                start = None
            await send(message)

        unit = Headers(scope=scope).get("range", "").partition("=")[0].strip().lower()
        if unit != "bytes" or scope["method"] != "GET":  # such a range must be ignored
            others = [header for header in scope["headers"] if header[0] != b"range"]
            scope = {**scope, "headers": others}
        try:
            await super().__call__(scope, receive, send_or_refuse)
        except (FileNotFoundError, RuntimeError) as error:
            if FileNotFoundError not in {type(error), type(error.__context__)}:
                raise
            raise NotFound(f"File {Path(self.path).parent.name} does not exist.") from error
