"""How large the projects of fastgen are, as README.md and docs/why.md say.

    .venv/bin/python -m benchmarks.sizes            # print what the documents should say
    .venv/bin/python -m benchmarks.sizes --write    # write it into them

The rows of other generators stay: `benchmarks.peers` counts their projects.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.peers import row

ROOT = Path(__file__).parents[1]
README = "README.md"
WHY = "docs/why.md"
MADE = {
    "database,auth": "fastgen, `database` and `auth`",
    "database": "fastgen, `database` without sign-in",
    "none": "",
}
"""The patterns of a project, and what its row of `docs/why.md` is called."""


def documents() -> Iterator[tuple[str, str, str]]:
    """A document, a pattern of the text with the figures, and the text as it should be."""
    with TemporaryDirectory() as folder:
        rows = {patterns: measured(Path(folder), patterns) for patterns in MADE}
    for patterns, (_, *figures) in rows.items():
        if name := MADE[patterns]:
            text = f"| {' | '.join([name, *figures])} |"
            yield WHY, rf"\| {re.escape(name)} \|[^\n]*", text
    _, _, application, tests, _ = rows["database,auth"]
    yield (
        README,
        r"(?<=\| lines: application / tests \| )[\d,]+ / [\d,]+",
        f"{application} / {tests}",
    )
    smallest = round(int(rows["none"][2].replace(",", "")), -2)
    yield README, r"(?<=smallest project has )[\d,]+(?= lines)", f"{smallest:,}"


def measured(folder: Path, patterns: str) -> list[str]:
    """The row of a project that `fastgen new` makes."""
    name = f"shop-{patterns.replace(',', '-')}"
    command = [sys.executable, "-m", "fastgen", "new", name, "--with", patterns, "--no-git", "-y"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return row(name, folder / name)


def main() -> None:
    for path, pattern, text in documents():
        document = ROOT / path
        before = document.read_text("utf-8")
        after, count = re.subn(pattern, text, before)
        if count != 1:
            raise SystemExit(f"{path} has {count} places for: {text}")
        print(f"{path}: {text}{'' if before == after else '  (was different)'}")
        if "--write" in sys.argv[1:]:
            document.write_text(after, "utf-8")


if __name__ == "__main__":
    main()
