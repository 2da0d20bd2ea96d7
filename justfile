# What is done often. Each recipe is one line that works without just too, after the set-up.

# List the recipes.
default:
    @just --list

# Make the environment.
setup:
    python3 -m venv .venv && .venv/bin/python -m pip install --upgrade pip && .venv/bin/python -m pip install --editable . --group dev

# Run the tests; those of one file with `just test tests/unit/test_fields.py`.
test *options:
    .venv/bin/python -m pytest --numprocesses auto {{ options }}

# Check what can be seen without running anything.
lint:
    .venv/bin/ruff format --check && .venv/bin/ruff check && .venv/bin/mypy && .venv/bin/lint-imports && .venv/bin/deptry .

# Format, and mend what can be mended.
fix:
    .venv/bin/ruff format && .venv/bin/ruff check --fix

# Build the documents into build/docs/site; a warning is an error.
docs:
    .venv/bin/python -m docs.build

# Measure the coverage of every combination by its own tests, and write docs/coverage.md: an hour.
coverage:
    .venv/bin/python -m tests.matrix.coverage

# Write the recorded files and the table of all files anew, to be reviewed as a diff.
snapshots:
    FASTGEN_UPDATE_SNAPSHOTS=1 .venv/bin/python -m pytest tests/matrix/test_snapshots.py tests/matrix/test_static.py::test_the_files_are_those_on_record

# Measure what each test file costs, and write docs/test-suite.md; with files, only their rows.
timings *options:
    .venv/bin/python -m pytest --numprocesses auto -p tests.timings {{ options }}

# Count the projects of fastgen, and write their sizes into README.md and docs/why.md.
sizes:
    .venv/bin/python -m benchmarks.sizes --write

# All that CI checks for every change, on a clean clone.
gate:
    bash .ci/run

# All that CI checks every night: the gate, with nothing sampled.
everything:
    FASTGEN_EVERYTHING=1 bash .ci/run

# Archive the templates of this version, build it into dist/, and check what was built; nothing is published.
release:
    .venv/bin/python -m release

# Check the fullest project with the lowest and the newest versions of all dependencies, as CI does every week.
drift *options:
    .ci/drift {{ options }}
