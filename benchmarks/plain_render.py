"""The files of `fastgen new` by Jinja2 alone: the least that rendering them can cost.

    python -m benchmarks.plain_render PLAN TARGET

The plan, as JSON, has what Copier finds out: the answers worked out, and the list of the files.
"""

import json
import shutil
import sys
from pathlib import Path

import jinja2

from fastgen.planning.plan_add import replayed
from fastgen.project.operations import EXAMPLES
from fastgen.rendering.template_folder import templates
from fastgen.transaction import write

SUFFIX = ".jinja"


def main() -> None:
    plan, target = json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2])
    skeleton = templates() / "project" / "skeleton"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(skeleton),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["to_json"] = json.dumps
    # Folders whose name says whether they are the root of the project again.
    further = [
        folder.name
        for folder in skeleton.glob("{{*")
        if environment.from_string(folder.name).render(plan["answers"]) == "."
    ]
    for name in plan["files"]:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sources = [skeleton / root / name for root in (".", *further)]
        if source := next(filter(Path.is_file, sources), None):
            shutil.copyfile(source, path)
        else:
            text = environment.get_template(f"{name}{SUFFIX}").render(plan["answers"])
            path.write_bytes(text.encode("utf-8"))
    for operation in EXAMPLES:
        write(target, replayed(target, plan["answers"]["patterns"], operation, EXAMPLES))


if __name__ == "__main__":
    main()
