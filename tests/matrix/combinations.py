"""Every set of patterns that can be chosen, and a few that stand for all."""

from itertools import combinations

from fastgen.project.patterns import names

Combination = tuple[str, ...]

ALL: list[Combination] = [
    chosen for size in range(len(names()) + 1) for chosen in combinations(names(), size)
]


def label(combination: Combination) -> str:
    """A name for a combination, as in the ids of tests."""
    return "-".join(combination) or "none"


def _covering(count: int) -> list[Combination]:
    """`count` combinations, the emptiest and the fullest among them.

    Each next one shows most of what is not shown yet of three patterns: which of them are there.
    """
    threes = list(combinations(names(), 3))

    def shown(combination: Combination) -> set[tuple[tuple[str, ...], tuple[bool, ...]]]:
        return {(three, tuple(name in combination for name in three)) for three in threes}

    chosen = [ALL[0], ALL[-1]]
    while len(chosen) < count:
        known = set().union(*map(shown, chosen))
        chosen.append(max(ALL, key=lambda combination: len(shown(combination) - known)))
    return chosen


COVERING = _covering(8)
"""In these, each two patterns are there together, one without the other, and not at all."""
