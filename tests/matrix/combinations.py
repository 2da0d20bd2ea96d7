"""Every set of patterns that can be chosen."""

from itertools import combinations

from fastgen.patterns import offered

Combination = tuple[str, ...]

_NAMES = [pattern.name for pattern in offered()]
ALL: list[Combination] = [
    chosen for size in range(len(_NAMES) + 1) for chosen in combinations(_NAMES, size)
]


def label(combination: Combination) -> str:
    """A name for a combination, as in the ids of tests."""
    return "-".join(combination) or "none"
