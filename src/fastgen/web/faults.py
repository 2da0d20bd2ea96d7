"""Faults of a choice: each belongs to a parameter, so that the page shows it beside the field."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from fastgen.errors import BadInput, Refused

P = ParamSpec("P")
T = TypeVar("T")

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where it is in the query, one sentence, and a way out."""

    loc: Location
    message: str
    hint: str


class BadChoice(Exception):
    """The query does not describe a project that can be made."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Faults:
    """Collects the faults of one query, so that all are reported at once."""

    found: list[Fault] = field(default_factory=list)

    def check(
        self, loc: Location, otherwise: T, function: Callable[P, T], *args: P.args, **kw: P.kwargs
    ) -> T:
        """The result of a function, or `otherwise` after a fault."""
        try:
            return function(*args, **kw)
        except (BadInput, Refused) as error:
            self.found.append(Fault(loc, error.message, error.hint))
            return otherwise

    def end(self) -> None:
        """Report what was found.

        Raises:
            BadChoice: there are faults.
        """
        if self.found:
            raise BadChoice(self.found)
