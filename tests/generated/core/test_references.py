"""References must lead to an existing row."""

import pytest

from app.core.errors import Invalid, NotFound
from app.core.references import check_reference


class OnlySeven:
    """A repository with one row."""

    async def get(self, row_id: int) -> str:
        if row_id != 7:
            raise NotFound(f"Row {row_id} does not exist.")
        return "row"


@pytest.mark.parametrize("values", [{"other_id": 7}, {"other_id": None}, {}])
async def test_existing(values: dict[str, int]) -> None:
    await check_reference(OnlySeven(), values, "other_id")


async def test_missing() -> None:
    with pytest.raises(Invalid, match="Row 8 does not exist") as refusal:
        await check_reference(OnlySeven(), {"other_id": 8}, "other_id")

    assert refusal.value.location == ("body", "other_id")
