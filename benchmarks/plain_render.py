"""The files of `fastgen new` by Jinja2 alone: the least that rendering them can cost.

    python -m benchmarks.plain_render PLAN TARGET

The plan, a pickle, has the template, the values and the path of each file; a file without values is
copied. `benchmarks/plan.py` makes it.
"""

import pickle
import shutil
import sys
from pathlib import Path

import jinja2


def main() -> None:
    plan, target = pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2])
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(plan["templates"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    values = plan["values"]
    for file in plan["files"]:
        path = target / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        if file["values"] is None:
            shutil.copyfile(Path(plan["templates"]) / file["template"], path)
        else:
            text = environment.get_template(file["template"]).render(values[file["values"]])
            path.write_bytes(text.encode("utf-8"))


if __name__ == "__main__":
    main()
