"""The result of a command, and how it is shown."""

from collections.abc import Callable
from dataclasses import dataclass

import typer

from fastgen.report import Report


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Shown after the command has ended: a closed pipe must not undo what it did."""

    report: Report
    for_people: Callable[[], None]
    json: bool

    def show(self) -> None:
        """Print one document, or what people want to see."""
        if self.json:
            typer.echo(self.report.as_json())
        else:
            self.for_people()
