"""The archive of released versions: each renders what it rendered when it was released."""

import shutil
import sys
from pathlib import Path

import pytest

from fastgen import __version__
from fastgen.archive import Example, archive_file, pack, read_archive, render_archived
from fastgen.errors import EnvironmentFault, Refused
from fastgen.planning.project_tree import Tree, project_tree
from fastgen.project.documents import parse_document
from fastgen.project.state import STATE_FILE, parse_state
from fastgen.rendering import compiled_templates
from release import cut_archive
from release.cut_archive import ARCHIVE, CHECKOUT, add_version, archived, cut, tree_hash
from release.examples import examples
from tests.support import snapshot

RELEASED = read_archive(archive_file())


def installed_tree(example: Example) -> Tree:
    path = Path(STATE_FILE)
    return project_tree(parse_state(path, parse_document(path, example.state.encode())))


@pytest.mark.parametrize("number", RELEASED)
def test_every_release_renders_what_it_rendered(number: str) -> None:
    version = RELEASED[number]

    assert version.examples
    for example in version.examples:
        assert tree_hash(render_archived(number, version, example.state)) == example.hash


@pytest.mark.skipif(__version__ not in RELEASED, reason="the version is not released")
def test_the_templates_of_a_release_do_not_change() -> None:
    """After a release, the number of the version is raised before its templates change."""
    for example in RELEASED[__version__].examples:
        assert tree_hash(installed_tree(example)) == example.hash


def test_a_version_is_archived_whole(tmp_path: Path) -> None:
    number, version = cut(CHECKOUT)
    archive = tmp_path / "versions.xz"
    archive.write_bytes(pack({number: version}))

    read = read_archive(archive)

    assert read == {number: version}
    assert pack(read) == archive.read_bytes()
    assert not [path for path in version.files if path.startswith(("fastgen/cli", "fastgen/web"))]
    for example in version.examples:
        assert tree_hash(installed_tree(example)) == example.hash
    first = version.examples[0]
    assert tree_hash(render_archived(number, version, first.state)) == first.hash
    # A further version adds what it has changed.
    changed = {**version.files, "fastgen/_templates/core/new.py": b"1\n"}
    both = pack({number: version, "90.0.0": type(version)(changed)})
    assert len(both) - archive.stat().st_size < 4000


def test_a_version_is_archived_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut_archive, "examples", lambda number: [next(examples(number))])
    made = tmp_path / "fastgen"
    for part in ("src/fastgen", "templates"):
        shutil.copytree(CHECKOUT / part, made / part, ignore=shutil.ignore_patterns("*.xz"))
    package = made / "src/fastgen/__init__.py"

    assert add_version(made) == add_version(made) == __version__
    written = (made / ARCHIVE).read_bytes()
    template = made / "templates/core/Dockerfile"
    template.write_text(f"# New.\n{template.read_text()}")
    with pytest.raises(SystemExit, match="raise the number first"):
        add_version(made)
    assert (made / ARCHIVE).read_bytes() == written
    package.write_text('__version__ = "90.0.0.dev1"\n')
    with pytest.raises(SystemExit, match="is not the number of a release"):
        add_version(made)
    package.write_text('__version__ = "90.0.0"\n')
    assert add_version(made) == "90.0.0"
    assert [*read_archive(made / ARCHIVE)] == [__version__, "90.0.0"]


def test_a_version_that_fails(tmp_path: Path) -> None:
    number, version = archived(CHECKOUT)
    broken = {**version.files, "fastgen/render_state.py": b"raise SystemExit(1)\n"}

    with pytest.raises(Refused, match="cannot render this project again: it ended without a"):
        render_archived(number, type(version)(broken), "")
    with pytest.raises(Refused, match=r"cannot render this project again: .* has no `schema`"):
        render_archived(number, version, "")


@pytest.mark.parametrize("module", ["fastgen.cli", "fastgen.planning.plan_update"])
def test_a_version_imports_nothing_of_the_installed_one(module: str) -> None:
    """Its modules are taken from there if they are the same, but not those beside them."""
    number, version = archived(CHECKOUT)
    code = f"import fastgen.planning\ntry:\n    import {module}\n"
    code += "except ImportError:\n    def render(*_): return {'error': 'missing'}\n"
    files = {**version.files, "fastgen/render_state.py": code.encode()}

    with pytest.raises(Refused, match="cannot render this project again: missing"):
        render_archived(number, type(version)(files), "")


def test_compiled_templates_of_the_installed_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are used for the templates that are the same, and none is written."""
    number, version = archived(CHECKOUT)
    state, folder = next(examples(number)), tmp_path / "templates"
    shutil.copytree(CHECKOUT / "templates", folder)
    monkeypatch.setattr(sys.modules[render_archived.__module__], "templates", lambda: folder)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    own = render_archived(number, version, state)
    keep_compiled(folder / "core" / "README.md.jinja", monkeypatch)
    before = snapshot(folder)

    same = render_archived(number, version, state)
    template = "fastgen/_templates/core/README.md.jinja"
    changed = {**version.files, template: version.files[template] + b"More.\n"}
    more = render_archived(number, type(version)(changed), state)

    assert same == {**own, "README.md": b"compiled"}
    assert more == {**own, "README.md": own["README.md"] + b"More.\n"}
    assert snapshot(folder) == before


def keep_compiled(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put code beside a template as if it were compiled from it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    environment, cache = compiled_templates._environment, compiled_templates._CodeCache()
    bucket = cache.get_bucket(environment, str(template), None, template.read_text("utf-8"))
    bucket.code = environment.compile("compiled")
    cache.set_bucket(bucket)


@pytest.mark.parametrize("content", [b"", b"x", pack({})[:-9]])
def test_a_damaged_archive(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "versions.xz"
    archive.write_bytes(content)

    with pytest.raises(EnvironmentFault, match="is damaged"):
        read_archive(archive)
