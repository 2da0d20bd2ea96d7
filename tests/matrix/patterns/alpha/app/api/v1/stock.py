"""The stock."""

from app.core.lifespan import Connection
from fastapi import APIRouter

router = APIRouter()


@router.get("")
async def read_stock(connection: Connection) -> str:
    return connection.state["stock"].name
