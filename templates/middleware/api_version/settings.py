"""The setting `API_VERSIONS`."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from app.core.environment import split

Version = Annotated[str, Field(pattern=r"^v[0-9]+$")]
"""As in a path: `v1`."""
ApiVersions = Annotated[tuple[Version, ...], NoDecode, BeforeValidator(split), Field(min_length=1)]
