"""Files on the wire."""

from pydantic import Field

from app.schemas.base import Output


class FileRead(Output):
    id: str = Field(examples=["0f3c9e6b5d8a4c71b2e94d60a7f81c25"])
    name: str
    size: int
    content_type: str
