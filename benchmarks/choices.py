"""What projects do not use, against what they use instead: `python -m benchmarks.choices`.

`docs/choices.md` of each project has the figures. uv installs what is compared for this run only.
"""

import json
import subprocess
from typing import Any

import uv

from benchmarks.rounds import Spread, ratio
from benchmarks.tables import publish
from tests.support import ROOT

PACKAGES = ["fastapi", "uvicorn", "orjson", "ujson", "gunicorn", "uvicorn-worker"]


def main() -> None:
    found = _run("benchmarks.alternatives")
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    rows = [
        [of, name, f"{Spread.of(values):.0f}", f"{ratio(values, group[first]):.2f}"]
        for of, group in found["microseconds"].items()
        for first in [next(iter(group))]
        for name, values in group.items()
    ]
    rows.append(["`on_event` beside a lifespan", "handlers called", str(found["on_event"]), ""])
    header = ["", "what", "CPU, µs a request", "/ the first"]
    publish("choices", f"{versions}.", header, rows)
    servers = [
        [
            name,
            *(
                f"{Spread.of(each[key]):{spec}}"
                for key, spec in (("seconds", ".2f"), ("mb", ".0f"))
            ),
        ]
        for name, each in _run("benchmarks.supervisors").items()
    ]
    header = ["two workers of", "replaces a killed worker in, s", "MB a worker"]
    publish("supervisors", f"{versions}.", header, servers)


def _run(module: str) -> Any:
    """What a program prints, which runs with the packages."""
    packages = [f"--with={name}" for name in PACKAGES]
    command = [
        uv.find_uv_bin(),
        "run",
        "--quiet",
        "--no-project",
        *packages,
        "python",
        "-m",
        module,
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
