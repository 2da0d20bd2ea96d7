"""The state of the service on the wire."""

from typing import Literal

from app.schemas.base import Output


class Health(Output):
    status: Literal["ok"]


class Ready(Output):
    status: Literal["ready"]
    checks: dict[str, Literal["ok"]]
