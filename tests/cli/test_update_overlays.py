"""Overlays are rendered again when a project is updated, or changed by a merge."""

from pathlib import Path

from tests.overlay_templates import HOUSE_RULES, commit_template, git, make_template
from tests.support import Result, fastgen, snapshot

OWNERS, VALUES = ".github/CODEOWNERS", "deploy/chart/values.yaml"
NEXT = {
    **HOUSE_RULES,
    ".github/CODEOWNERS.jinja": "# House rules.\n\n* @acme/{{ team }}\n",
    "docs/house.md": "# House\n",
}


def make_project(folder: Path, overlay: str, *options: str) -> Path:
    new = ["new", "shop", "--with", "none", "--yes", "--no-git", "--overlay", overlay, *options]
    result = fastgen(*new, cwd=folder)
    assert result.code == 0, result.err
    return folder / "shop"


def refused(result: Result) -> str:
    assert (result.code, result.document["status"]) == (3, "error"), result.out
    error = result.document["error"]
    return f"{error['message']} {error['hint']}"


def test_a_release_is_followed_by_the_newest_release(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    commit_template(house, HOUSE_RULES, "v1.9.0")
    project = make_project(tmp_path, f"{house}@v1.9.0", "--overlay-data", "team=shop")
    with (project / OWNERS).open("a") as file:
        file.write("docs @ann\n")
    assert fastgen("update", "--check", "--json", cwd=project).document["status"] == "unchanged"
    without_patterns = {f"{VALUES}.jinja": "name: {{ name }}\n"}
    newest = commit_template(house, {**NEXT, **without_patterns}, "v1.10.0")
    git(house, "tag", "v2.0.0rc1")
    commit_template(house, {"docs/house.md": "# Later\n"}, "draft")

    # A merge renders what is recorded.
    added = fastgen("add", "pattern", "cache", "--json", cwd=project)
    assert added.code == 0, added.out
    assert (project / VALUES).read_text() == "name: shop\npatterns: cache\n"
    assert (project / OWNERS).read_text() == "* @acme/shop\ndocs @ann\n"

    assert fastgen("update", "--check", "--json", cwd=project).code == 1
    updated = fastgen("update", "--json", cwd=project)
    assert (updated.code, updated.document["status"]) == (0, "done"), updated.out
    assert (project / OWNERS).read_text() == "# House rules.\n\n* @acme/shop\ndocs @ann\n"
    assert (project / "docs/house.md").read_text() == "# House\n"
    assert (project / VALUES).read_text() == "name: shop\n"
    state = (project / ".fastgen.toml").read_text()
    assert f'ref = "v1.10.0"\ncommit = "{newest}"\n' in state
    assert fastgen("update", "--json", cwd=project).document["status"] == "unchanged"

    before = snapshot(project)
    house.rename(tmp_path / "moved")
    assert "does not exist" in refused(fastgen("update", "--json", cwd=project))
    assert "does not exist" in refused(fastgen("remove", "pattern", "cache", "--json", cwd=project))
    assert snapshot(project) == before


def test_a_folder_is_rendered_as_it_is_now(tmp_path: Path) -> None:
    house = make_template(tmp_path / "house", HOUSE_RULES)
    project = make_project(tmp_path, "house")
    with (project / OWNERS).open("a") as file:
        file.write("docs @ann\n")
    make_template(house, NEXT)

    assert fastgen("add", "pattern", "cache", "--json", cwd=project).code == 0
    updated = fastgen("update", "--json", cwd=project)

    assert updated.code == 0, updated.out
    assert (project / OWNERS).read_text() == "# House rules.\n\n* @acme/core\ndocs @ann\n"
    assert (project / "docs/house.md").exists()
    assert fastgen("update", "--json", cwd=project).document["status"] == "unchanged"


def test_an_overlay_asks_before_it_does_more(tmp_path: Path) -> None:
    house = make_template(tmp_path / "house", HOUSE_RULES)
    git(house, "init", "--quiet", "--initial-branch=main")
    commit_template(house, {}, "first")
    project = make_project(tmp_path, f"git+{house}@main")
    commit_template(house, {"Dockerfile": "FROM scratch\n"}, "second")
    before = snapshot(project)

    assert "--overlay-replaces Dockerfile" in refused(fastgen("update", "--json", cwd=project))
    assert snapshot(project) == before
    replaced = fastgen("update", "--overlay-replaces", "Dockerfile", "--json", cwd=project)
    assert replaced.code == 0, replaced.out
    assert (project / "Dockerfile").read_text() == "FROM scratch\n"

    code = {
        "copier.yml": "team: core\n_jinja_extensions:\n  - jinja2.ext.do\n_tasks:\n  - exit 1\n"
    }
    commit_template(house, {**code, "new.md": "# New\n"}, "third")
    assert "--trust" in refused(fastgen("update", "--json", cwd=project))
    assert fastgen("update", "--trust", "--json", cwd=project).code == 0
    assert (project / "new.md").exists()
    # It ran no task. Other commands load no code, and leave the overlay as it is.
    assert fastgen("add", "pattern", "cache", "--json", cwd=project).code == 0
    assert (project / VALUES).read_text() == "name: shop\npatterns: \n"
