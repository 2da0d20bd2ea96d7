"""The public keys of access tokens."""

from typing import Any

from fastapi import APIRouter, Response

from app.auth.deps import AuthDep
from app.schemas.base import Output

router = APIRouter(tags=["auth"])


class JwkSet(Output):
    keys: list[dict[str, Any]]


@router.get("/.well-known/jwks.json")
async def read_jwks(auth: AuthDep, response: Response) -> JwkSet:
    """For services that verify the tokens themselves. Empty with HS256."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return JwkSet(**auth.tokens.jwks())
