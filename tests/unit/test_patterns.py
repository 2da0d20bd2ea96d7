import pytest

from fastgen import patterns
from fastgen.errors import BadInput
from fastgen.patterns import Pattern


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three patterns, of which two work."""
    known = (
        Pattern("database", "rows"),
        Pattern("auth", "users", offered=False),
        Pattern("cache", "speed"),
    )
    monkeypatch.setattr(patterns, "PATTERNS", known)


@pytest.mark.usefixtures("three")
class TestChoose:
    @pytest.mark.parametrize(
        ("lists", "chosen"),
        [
            ([], ()),
            (["none"], ()),
            ([""], ()),
            (["all"], ("database", "cache")),
            (["cache,database"], ("database", "cache")),
            (["cache", "database,cache"], ("database", "cache")),
            ([" Cache , "], ("cache",)),
            (["all,cache"], ("database", "cache")),
        ],
    )
    def test_chosen(self, lists: list[str], chosen: tuple[str, ...]) -> None:
        assert patterns.choose(lists) == chosen

    @pytest.mark.parametrize("name", ["nonsense", "auth", "../cache"])
    def test_not_on_offer(self, name: str) -> None:
        with pytest.raises(BadInput, match="not a pattern on offer") as failure:
            patterns.choose([f"cache,{name}"])

        assert failure.value.hint == "Choose from: database, cache, all, none."

    def test_none_and_some(self) -> None:
        with pytest.raises(BadInput, match="cannot be combined"):
            patterns.choose(["none,cache"])

    def test_the_default_is_a_database(self) -> None:
        assert patterns.default() == ("database",)


def test_the_six() -> None:
    names = [pattern.name for pattern in patterns.PATTERNS]

    assert names == ["database", "auth", "cache", "queue", "streaming", "websockets"]
    assert all(pattern.brings for pattern in patterns.PATTERNS)
