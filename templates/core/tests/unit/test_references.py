"""What a row refers to has to be there."""

import pytest

from app.core.errors import Invalid, NotFound
from app.core.references import check_reference
from app.core.storage import Repository
from app.models.base import Row


class OnlySeven(Repository[Row]):
    """Has one row."""

    def __init__(self) -> None:
        """It is in no storage."""

    async def get(self, row_id: int) -> Row:
        if row_id != 7:
            raise NotFound(f"Row {row_id} does not exist.")
        return Row.__new__(Row)


@pytest.mark.parametrize("values", [{"other_id": 7}, {"other_id": None}, {}])
async def test_what_is_there(values: dict[str, int]) -> None:
    await check_reference(OnlySeven(), values, "other_id")


async def test_what_is_not_there() -> None:
    with pytest.raises(Invalid, match="Row 8 does not exist") as refusal:
        await check_reference(OnlySeven(), {"other_id": 8}, "other_id")

    assert refusal.value.location == ("body", "other_id")
