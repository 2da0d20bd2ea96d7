"""How long an application takes from the start of its process to its first answer."""

from pathlib import Path

from benchmarks.compared_apps import BARE, generated
from benchmarks.rounds import Spread, interleaved, ratio
from benchmarks.servers import Application, serve
from tests.environment import Environment

ROUNDS = 11
HEADER = ["application", "first answer, ms", "/ bare"]

NAME = "bare"


def measure(few: Path, many: Path, number: int, environment: Environment) -> list[list[str]]:
    """A row an application, for the table; `many` has `number` resources more than `few`."""

    def seconds(application: Application) -> float:
        with serve(application, environment) as server:
            return server.seconds_to_answer

    times = interleaved(
        {
            NAME: lambda: seconds(BARE),
            f"{NAME}, again: noise": lambda: seconds(BARE),
            "generated": lambda: seconds(generated(few)),
            f"generated, {number} resources more": lambda: seconds(generated(many)),
        },
        ROUNDS,
    )
    return [
        [
            name,
            f"{Spread.of([1000 * time for time in found]):.0f}",
            f"{ratio(found, times[NAME]):.2f}",
        ]
        for name, found in times.items()
    ]
