import pytest

from fastgen.errors import BadInput
from fastgen.project import patterns
from fastgen.project.contributions import Contribution
from tests.matrix.combinations import ALL, REQUESTS

SIX = ("database", "auth", "cache", "queue", "streaming", "websockets")


class TestChoose:
    @pytest.mark.parametrize(
        ("lists", "chosen"),
        [
            ([], ()),
            (["none"], ()),
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

    @pytest.mark.parametrize("lists", [[""], [","], [" , "], ["cache", ""]])
    def test_a_value_without_a_pattern(self, lists: list[str]) -> None:
        with pytest.raises(BadInput, match="`--with` needs a pattern") as failure:
            patterns.choose(lists)

        assert failure.value.hint == "Use `none` for a project without patterns."

    def test_none_and_some(self) -> None:
        with pytest.raises(BadInput, match="cannot be combined"):
            patterns.choose(["none,cache"])

    def test_the_default_is_on_offer(self) -> None:
        assert patterns.choose(patterns.defaults()) == patterns.defaults() == ("database",)


class TestNeeds:
    @pytest.mark.parametrize(
        ("chosen", "complete"),
        [
            ((), ()),
            (("cache",), ("cache",)),
            (("auth",), ("database", "auth")),
            (("queue", "websockets"), ("database", "queue", "websockets")),
            (SIX, SIX),
        ],
    )
    def test_complete(self, chosen: tuple[str, ...], complete: tuple[str, ...]) -> None:
        assert patterns.with_needs(chosen) == complete

    @pytest.mark.parametrize(
        ("chosen", "sentences"),
        [
            (("cache",), []),
            (("database", "auth"), []),
            (("auth",), ["`auth` needs `database`: it is included."]),
            (("auth", "queue"), ["`auth` and `queue` need `database`: it is included."]),
        ],
    )
    def test_included_patterns_are_listed(
        self, chosen: tuple[str, ...], sentences: list[str]
    ) -> None:
        assert patterns.needs_sentences(chosen) == sentences

    def test_64_requests_lead_to_40_projects(self) -> None:
        assert len(REQUESTS) == 64
        assert len(ALL) == 40
        assert {patterns.with_needs(request) for request in REQUESTS} == {*ALL}


class TestFoundations:
    @pytest.mark.parametrize(
        ("chosen", "foundations"),
        [
            ((), ()),
            (("database",), ()),
            (("cache",), ("redis",)),
            (("websockets", "streaming"), ("origins", "redis", "pubsub")),
        ],
    )
    def test_those_of_the_patterns(
        self, chosen: tuple[str, ...], foundations: tuple[str, ...]
    ) -> None:
        assert patterns.foundations_of(chosen) == foundations


class TestContributions:
    def test_an_unknown_key_is_an_error(self) -> None:
        with pytest.raises(TypeError, match="requirement"):
            Contribution.parse({"requirement": ["x"]})

    def test_an_unknown_key_of_a_row_is_an_error(self) -> None:
        with pytest.raises(TypeError, match="args_"):
            Contribution.parse({"resources": [{"name": "x", "args_": []}]})

    def test_rows_keep_the_order_of_the_parts(self) -> None:
        parts = [
            Contribution(fixtures=("a", "b"), environment="one"),
            Contribution(fixtures=("c",)),
        ]

        joined = Contribution.joined(parts)

        assert joined == Contribution(fixtures=("a", "b", "c"), environment="one")


def test_the_six() -> None:
    assert patterns.names() == SIX
    assert all(pattern.summary for pattern in patterns.all_patterns())
