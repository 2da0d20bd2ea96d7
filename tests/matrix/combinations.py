"""Every set of patterns that can be requested, and the projects that the requests lead to."""

import os
from itertools import combinations
from random import Random

from fastgen.project.patterns import names, with_needs

Combination = tuple[str, ...]

REQUESTS: list[Combination] = [
    chosen for size in range(len(names()) + 1) for chosen in combinations(names(), size)
]
ALL: list[Combination] = [request for request in REQUESTS if with_needs(request) == request]
"""The different projects, from the emptiest to the fullest."""


def label(combination: Combination) -> str:
    """A name for a combination, as in the ids of tests."""
    return "-".join(combination) or "none"


def _covering(count: int) -> list[Combination]:
    """`count` combinations, the emptiest and the fullest among them.

    Each further one adds the most choices of three patterns that no earlier one has. Of those that
    add equally many, the first in an order is taken by which few are needed.
    """
    candidates = Random(79).sample(ALL, len(ALL))
    threes = list(combinations(names(), 3))

    def shown(combination: Combination) -> set[tuple[tuple[str, ...], tuple[bool, ...]]]:
        return {(three, tuple(name in combination for name in three)) for three in threes}

    chosen = [ALL[0], ALL[-1]]
    while len(chosen) < count:
        known = set().union(*map(shown, chosen))
        chosen.append(max(candidates, key=lambda combination: len(shown(combination) - known)))
    return chosen


MIXED = ["--random-order", "--random-order-seed=1", "--numprocesses=2"]
"""Options of pytest: in random order and in parallel, so that tests must not share anything."""

COVERING = _covering(8)
"""Among these, every two patterns occur together, each without the other, and not at all."""

EVERYTHING = os.environ.get("FASTGEN_EVERYTHING") == "1"
"""Whether nothing is sampled: `just everything` sets the variable."""
COMPLETE = ALL if EVERYTHING else COVERING
"""The combinations whose own tests run completely."""
COVERING_THREES = _covering(12)
"""Among these, every three patterns occur in every possible choice."""
WITH_API = ALL if EVERYTHING else COVERING_THREES
"""The combinations whose tests of the API and whose migrations run."""
