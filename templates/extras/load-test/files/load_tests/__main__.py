"""Run Locust, and compare what it has measured with the budget: `python -m load_tests`."""

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from load_tests.budget import faults, read_budget, read_measurements

FOLDER = Path(__file__).parent


def main() -> int:
    """Print what breaks the budget; 1 if anything does."""
    parser = argparse.ArgumentParser(prog="python -m load_tests")
    parser.add_argument("--host", default="http://127.0.0.1:8000")
    host = parser.parse_args().host
    budget = read_budget(FOLDER / "budget.toml")
    with TemporaryDirectory() as folder:
        results = Path(folder, "results")
        command = [
            *(sys.executable, "-m", "locust", "--headless", "--only-summary"),
            *("--locustfile", str(FOLDER / "locustfile.py"), "--host", host),
            *("--users", str(budget.users), "--spawn-rate", str(budget.users)),
            *("--run-time", f"{budget.seconds}s", "--csv", str(results)),
            *("--exit-code-on-error", "0"),
        ]
        subprocess.run(command, check=True)  # noqa: S603  # nothing in it is read by a shell
        found = faults(budget, read_measurements(Path(f"{results}_stats.csv")))
    sys.stdout.write("\n".join(found or ["The service is within its budget."]) + "\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
