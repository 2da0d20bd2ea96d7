import pytest

from fastgen.errors import BadInput
from fastgen.project import patterns

SIX = ("database", "auth", "cache", "queue", "streaming", "websockets")


class TestChoose:
    @pytest.mark.parametrize(
        ("lists", "chosen"),
        [
            ([], ()),
            (["none"], ()),
            ([""], ()),
            (["all"], SIX),
            (["cache,database"], ("database", "cache")),
            (["cache", "database,cache"], ("database", "cache")),
            ([" Cache , "], ("cache",)),
            (["all,cache"], SIX),
        ],
    )
    def test_chosen(self, lists: list[str], chosen: tuple[str, ...]) -> None:
        assert patterns.choose(lists) == chosen

    @pytest.mark.parametrize("name", ["nonsense", "caches", "../cache"])
    def test_not_on_offer(self, name: str) -> None:
        with pytest.raises(BadInput, match="not a pattern on offer") as failure:
            patterns.choose([f"cache,{name}"])

        assert failure.value.hint == f"Choose from: {', '.join(SIX)}, all, none."

    def test_none_and_some(self) -> None:
        with pytest.raises(BadInput, match="cannot be combined"):
            patterns.choose(["none,cache"])

    def test_the_default_is_on_offer(self) -> None:
        assert patterns.choose(patterns.DEFAULT) == patterns.DEFAULT


def test_the_six() -> None:
    assert patterns.NAMES == SIX
    assert all(pattern.brings for pattern in patterns.PATTERNS)
