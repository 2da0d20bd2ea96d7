"""A request whose transaction conflicts with another one is retried."""

from app.db.errors import TransactionConflict
from app.main import create_app
from app.schemas.base import Input
from app.settings import Settings
from tests.serving import serve


class Transfer(Input):
    amount: int


async def test_the_client_sees_the_successful_attempt(settings: Settings) -> None:
    app = create_app(settings)
    attempts: list[int] = []

    @app.post("/transfers")
    async def transfer(data: Transfer) -> int:
        attempts.append(data.amount)
        if len(attempts) < 3:
            raise TransactionConflict("A concurrent transaction won.")
        return len(attempts)

    async with serve(app) as client:
        response = await client.post("/transfers", json={"amount": 5})

    assert (response.status_code, response.json()) == (200, 3)
    assert attempts == [5, 5, 5]
