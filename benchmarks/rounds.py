"""Measuring in turns, since a machine that others use is slower at one time than at another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Spread:
    """What several rounds gave: `0.83 (0.81-0.86)` is the median, the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec}} ({self.least:{spec}}-{self.most:{spec}})"


def interleaved(measurements: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Take every measurement once a round, and what each gave.

    Every second round goes backwards, so that none always follows the same one. A round before the
    first warms up, and does not count.
    """
    for measure in measurements.values():
        measure()
    results: dict[str, list[T]] = {name: [] for name in measurements}
    for number in range(rounds):
        names = list(measurements)
        for name in reversed(names) if number % 2 else names:
            results[name].append(measurements[name]())
    return results


def ratio(values: Sequence[float], others: Sequence[float]) -> Spread:
    """How many times the other each value is, compared within a round."""
    return Spread.of([value / other for value, other in zip(values, others, strict=True)])
