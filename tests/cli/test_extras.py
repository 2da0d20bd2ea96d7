"""Extras in projects that people have edited: `add`, `remove`, `list` and `new --extra`."""

from pathlib import Path

import pytest

from fastgen.project.extras import names
from tests.support import contents, fastgen, generate, snapshot


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return generate(tmp_path)


def test_edits_of_shared_files_stay(project: Path) -> None:
    metadata, example = project / "pyproject.toml", project / ".env.example"
    edited = metadata.read_text("utf-8").replace(
        '    "pydantic>=', '    "own-client>=1",\n    "pydantic>='
    )
    metadata.write_text(edited, "utf-8")
    example.write_text(example.read_text("utf-8") + "\nOWN_SETTING=1\n", "utf-8")

    result = fastgen("add", "extra", "metrics", cwd=project)

    assert result.code == 0, result.err
    assert '"own-client>=1"' in metadata.read_text("utf-8")
    assert '"prometheus-client>=' in metadata.read_text("utf-8")
    assert {"OWN_SETTING=1", "METRICS_ENABLED=true"} <= {*example.read_text("utf-8").split()}
    assert fastgen("remove", "extra", "metrics", cwd=project).code == 0
    assert metadata.read_text("utf-8") == edited


def test_a_conflict_is_left_between_markers(project: Path) -> None:
    readme = project / "README.md"
    text = readme.read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("| [docs/choices.md]"))
    readme.write_text(text.replace(line, "| none |"), "utf-8")

    result = fastgen("add", "extra", "metrics", "--json", cwd=project)

    assert result.code == 1
    assert result.document["status"] == "conflicts"
    assert [each["path"] for each in result.document["files"] if each["action"] == "conflict"] == [
        "README.md"
    ]
    assert "<<<<<<<" in readme.read_text("utf-8")
    assert (project / "app" / "metrics" / "setup.py").is_file()


def test_an_edited_file_is_kept(project: Path) -> None:
    fastgen("add", "extra", "metrics", cwd=project)
    page = project / "docs" / "metrics.md"
    page.write_text("own")

    kept = fastgen("remove", "extra", "metrics", "--json", cwd=project)

    assert kept.code == 1
    assert {"path": "docs/metrics.md", "action": "keep", "bytes": 3} in kept.document["files"]
    assert not (project / "app" / "metrics").exists()


def test_force_deletes_it(project: Path) -> None:
    fastgen("add", "extra", "metrics", cwd=project)
    page = project / "docs" / "metrics.md"
    page.write_text("own")

    assert fastgen("remove", "extra", "metrics", "--force", cwd=project).code == 0
    assert not page.exists()


def test_a_plan_touches_nothing(project: Path) -> None:
    before = snapshot(project)

    result = fastgen("add", "extra", "metrics", "--dry-run", cwd=project)

    assert result.code == 0
    assert "+METRICS_ENABLED=true" in result.out
    assert snapshot(project) == before


def test_twice_is_once(project: Path) -> None:
    fastgen("add", "extra", "metrics", cwd=project)
    before = snapshot(project)

    again = fastgen("add", "extra", "metrics", "--json", cwd=project)

    assert (again.code, again.document["status"]) == (0, "unchanged")
    assert snapshot(project) == before


def test_a_pattern_is_removed_whose_requirement_is_a_part_of_that_of_an_extra(
    tmp_path: Path,
) -> None:
    project = generate(tmp_path, patterns=["queue"], queue="celery")
    fastgen("add", "extra", "tracing", cwd=project)

    result = fastgen("remove", "pattern", "queue", "--json", cwd=project)

    assert (result.code, result.document["status"]) == (0, "done")
    assert fastgen("add", "pattern", "queue", "--queue", "celery", cwd=project).code == 0


def test_an_unknown_one_is_refused(project: Path) -> None:
    before = snapshot(project)

    result = fastgen("add", "extra", "metrics", "mertics", cwd=project)

    assert result.code == 2
    assert "`mertics` is not an extra on offer." in result.err
    assert snapshot(project) == before


@pytest.mark.parametrize(
    "command", [["add", "extra"], ["new", "other", "--with=database", "--yes", "--extra"]]
)
def test_one_that_needs_a_pattern_is_refused(project: Path, command: list[str]) -> None:
    before = snapshot(project)

    result = fastgen(*command, "pages-admin", cwd=project)

    assert result.code == 3
    assert result.err.splitlines()[0] == "error: The extra `pages-admin` needs the pattern `auth`."
    assert "fastgen add pattern auth" in result.err
    assert snapshot(project) == before


def test_the_list_marks_those_of_the_project(project: Path) -> None:
    fastgen("add", "extra", "metrics", cwd=project)

    inside = fastgen("list", "extras", cwd=project).out.splitlines()
    outside = fastgen("list", "extras", "--json", cwd=project.parent).document["data"]

    assert [line.split()[0] for line in inside] == [*names()]
    assert [line.split()[0] for line in inside if "(added)" in line] == ["metrics"]
    assert [entry["name"] for entry in outside] == [*names()]


def test_a_new_project_has_them_at_once(tmp_path: Path) -> None:
    extras = [f"--extra={name}" for name in ("sentry", "metrics", "sentry")]
    result = fastgen("new", "shop", "--with=none", *extras, "--yes", "--json", cwd=tmp_path)

    assert result.code == 0
    recorded = (tmp_path / "shop" / ".fastgen" / "operations").glob("extra-*")
    assert {path.stem for path in recorded} == {"extra-metrics", "extra-sentry"}
    assert (tmp_path / "shop" / "app" / "metrics" / "setup.py").is_file()
    assert fastgen("new", "other", "--extra=no", cwd=tmp_path).code == 2


def test_resources_have_a_file_of_an_extra(project: Path) -> None:
    """Whichever came first, and until the resource or the extra is removed."""
    types = project / "app" / "graphql" / "resources"
    fastgen("add", "router", "orders", cwd=project)
    before = contents(project)

    assert fastgen("add", "extra", "graphql", cwd=project).code == 0
    assert fastgen("add", "router", "bills", "--field", "order:ref(orders)", cwd=project).code == 0
    assert {path.stem for path in types.glob("[!_]*.py")} == {"item", "order", "bill"}
    assert "load_orders" in (types / "bill.py").read_text("utf-8")
    assert fastgen("add", "field", "orders", "note:text:optional", cwd=project).code == 0
    assert "note: str | None" in (types / "order.py").read_text("utf-8")
    assert fastgen("remove", "field", "orders", "note", cwd=project).code == 0
    assert fastgen("remove", "router", "bills", cwd=project).code == 0
    assert not (types / "bill.py").exists()
    assert fastgen("remove", "extra", "graphql", cwd=project).code == 0
    assert contents(project) == before


TYPE = "would both have a GraphQL type"


@pytest.mark.parametrize("name", ["item_pages", "item_inputs", "item_patches", "item_filters"])
def test_a_resource_cannot_take_the_name_of_a_type(project: Path, name: str) -> None:
    assert fastgen("add", "extra", "graphql", cwd=project).code == 0

    refused = fastgen("add", "router", name, cwd=project)

    assert refused.code == 3
    assert f"`{name}` and `items` {TYPE}" in refused.err


def test_an_extra_is_refused_whose_types_would_have_the_same_name(project: Path) -> None:
    assert fastgen("add", "router", "item_pages", cwd=project).code == 0
    before = snapshot(project)

    refused = fastgen("add", "extra", "graphql", cwd=project)

    assert refused.code == 3
    assert "The router `item_pages` conflicts with what would be added" in refused.err
    assert "fastgen remove router item_pages" in refused.err
    assert snapshot(project) == before


def test_an_enum_cannot_take_the_name_of_a_type(project: Path) -> None:
    assert fastgen("add", "extra", "graphql", cwd=project).code == 0
    assert fastgen("add", "router", "order_states", cwd=project).code == 0
    enum = "state:enum(open|done)"

    refused = fastgen("add", "router", "orders", "--field", enum, cwd=project)
    assert fastgen("add", "router", "orders", "--field", "name:str", cwd=project).code == 0
    field = fastgen("add", "field", "orders", enum, cwd=project)

    assert (refused.code, field.code) == (3, 3)
    assert f"`orders` and `order_states` {TYPE} `OrderState`" in refused.err
    assert f"`orders` and `order_states` {TYPE} `OrderState`" in field.err


def test_names_that_only_resemble_types_are_possible(project: Path) -> None:
    for name in ("graphqls", "metrics", "pages", "landing_pages", "reports", "spans"):
        assert fastgen("add", "router", name, cwd=project).code == 0

    assert fastgen("add", "extra", "graphql", "metrics", "tracing", cwd=project).code == 0
