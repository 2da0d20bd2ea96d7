import pytest

from fastgen.rendering.layout import lay_out


@pytest.mark.parametrize("width", [100, 101])
def test_lines_are_broken_when_they_must(width: int) -> None:
    call = f"value = function({'a' * (width - 21)}, b)"
    assert len(call) == width

    assert (lay_out(call) == call) == (width == 100)


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        (
            f"from {'a' * 60} import {'b' * 30}, {'c' * 30}",
            f"from {'a' * 60} import (\n    {'b' * 30},\n    {'c' * 30},\n)",
        ),
        (
            f"    async def run(self, {'a' * 60}: int) -> dict[str, list[int]]:",
            f"    async def run(\n        self, {'a' * 60}: int\n    ) -> dict[str, list[int]]:",
        ),
        (
            f"def run({'a' * 90}: int) -> int:",
            f"def run(\n    {'a' * 90}: int,\n) -> int:",
        ),
        (
            f'    return one({"a" * 50})(two({"b" * 40}, ")"))',
            f'    return one({"a" * 50})(\n        two({"b" * 40}, ")")\n    )',
        ),
        (
            f"assert found == [{'a' * 50}, {'b' * 40}]",
            f"assert found == [\n    {'a' * 50},\n    {'b' * 40},\n]",
        ),
        (
            f"x = f({'a' * 50}, g(b, c), {'d' * 50})",
            f"x = f(\n    {'a' * 50},\n    g(b, c),\n    {'d' * 50},\n)",
        ),
        (
            f"    {'a' * 30}: {'B' * 40} | C | None = {'D' * 20}",
            f"    {'a' * 30}: {'B' * 40} | C | None = (\n        {'D' * 20}\n    )",
        ),
        (
            f"    {'a' * 40}: {'B' * 48} | C | None = D",
            f"    {'a' * 40}: (\n        {'B' * 48} | C | None\n    ) = D",
        ),
        (
            f"    {'a' * 40}: list[{'B' * 48}] = []",
            f"    {'a' * 40}: list[\n        {'B' * 48}\n    ] = []",
        ),
        (
            f"    *([A({'a' * 50})] if {'b' * 30} else []),",
            f"    *(\n        [A({'a' * 50})]\n        if {'b' * 30}\n        else []\n    ),",
        ),
        (
            f"    {'a' * 30}: M[B] = m({'c' * 40}, {'d' * 20})",
            f"    {'a' * 30}: M[B] = m(\n        {'c' * 40}, {'d' * 20}\n    )",
        ),
        (
            f"    {'a' * 30}: M[{'B' * 50}] = mapped_column(choice({'d' * 79}, e))",
            (
                f"    {'a' * 30}: M[{'B' * 50}] = (\n        mapped_column(\n            choice(\n"
                f"                {'d' * 79}, e\n            )\n        )\n    )"
            ),
        ),
        (
            f"    {'a' * 42}: M[{'B' * 50}] = mapped({'c' * 70}, {'d' * 30})",
            (
                f"    {'a' * 42}: M[\n        {'B' * 50}\n    ] = mapped(\n"
                f"        {'c' * 70},\n        {'d' * 30},\n    )"
            ),
        ),
    ],
)
def test_long_lines_are_broken(line: str, broken: str) -> None:
    assert len(line) > 100

    assert lay_out(line) == broken


def test_imports_are_put_in_order() -> None:
    source = "from b import x\nfrom a import y\n\nfrom d import z\nfrom c import w\n\nx = 1\n"

    assert lay_out(source) == (
        "from a import y\nfrom b import x\n\nfrom c import w\nfrom d import z\n\nx = 1\n"
    )


def test_unbreakable_lines_stay() -> None:
    line = "x = " + "a" * 100

    assert lay_out(line) == line
