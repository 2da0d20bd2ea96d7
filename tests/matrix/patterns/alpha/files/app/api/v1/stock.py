"""The stock."""

from fastapi import APIRouter

from app.lifespan import Connection

router = APIRouter()


@router.get("")
async def read_stock(connection: Connection) -> str:
    return connection.state["stock"].name
