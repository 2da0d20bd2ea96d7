"""Keep-alive connections while the service shuts down."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Draining:
    """Sends `Connection: close` after SIGTERM: the client's next connection goes elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        readiness = scope["state"]["readiness"]

        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start" and readiness.draining:
                message["headers"].append((b"connection", b"close"))
            await send(message)

        await self.app(scope, receive, send_and_close)
