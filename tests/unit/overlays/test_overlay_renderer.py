"""Overlays rendered into a small project, by Copier in its own process."""

import importlib
import multiprocessing
import os
import stat
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from fastgen import __version__
from fastgen.errors import BadInput, FastgenError, Refused
from fastgen.overlays import (
    copier_calls,
    copier_process,
    load_overlay,
    overlay_renderer,
    render_overlays,
)
from fastgen.project.request import Answers, Overlay, OverlayOptions
from tests.overlay_templates import CI, HOUSE_RULES, commit_template, make_template
from tests.support import FASTGEN, contents, snapshot

CI_FILE = ".github/workflows/ci.yml"
ANSWERS = Answers(
    name="shop", title="A 'shop'", description="Sells.", author="Ünal", patterns=("auth", "cache")
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two files; the current folder is the one around it."""
    monkeypatch.chdir(tmp_path)
    return make_template(tmp_path / "shop", {"README.md": "# Shop\n", CI_FILE: "on: push\n"})


@pytest.fixture
def forked_copier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork the processes of Copier from this one, which has imported it.

    The import takes ten times as long as a small template. Classes without this fixture start
    Python anew, as fastgen does.
    """
    importlib.import_module("copier._main")
    processes = multiprocessing.get_context("fork")

    def run(command: Sequence[str], folder: Path, **options: object) -> tuple[int | None, bytes]:
        process = processes.Process(target=run_copier, args=(command, folder))
        process.start()
        process.join()
        return process.exitcode, b""

    monkeypatch.setattr(copier_calls, "run_program", run)


def run_copier(command: Sequence[str], folder: Path) -> None:
    """Answer the request of a command, in a process that has been forked for it."""
    os.setsid()
    os.chdir(folder)
    copier_process.main(Path(command[-1]))


def render_into(
    root: Path,
    *templates: Mapping[str, str] | Path,
    trust: bool = False,
    run_tasks: bool = True,
    replaces: tuple[str, ...] = (),
    given: Mapping[str, str] | None = None,
    **answers: str,
) -> tuple[Overlay, ...]:
    """Render templates, given as folders or as files, into a project."""
    folders = [
        one if isinstance(one, Path) else make_template(root.parent / f"overlay-{number}", one)
        for number, one in enumerate(templates)
    ]
    loaded = [load_overlay(os.path.relpath(folder), root) for folder in folders]
    options = OverlayOptions(answers={**(given or {}), **answers}, replaces=replaces, trust=trust)
    return render_overlays(root, loaded, ANSWERS, options, run_tasks=run_tasks)


def refused(root: Path, *templates: Mapping[str, str] | Path, **options: object) -> FastgenError:
    """The error of templates, which leave the project as it was."""
    before = snapshot(root)
    with pytest.raises(FastgenError) as caught:
        render_into(root, *templates, **options)  # type: ignore[arg-type]
    assert snapshot(root) == before
    assert "Traceback" not in caught.value.message
    assert str(root.parents[1]) not in caught.value.message
    assert "fastgen-" not in caught.value.message
    return caught.value


@pytest.mark.usefixtures("forked_copier")
class TestFiles:
    def test_are_added(self, root: Path) -> None:
        before = contents(root)

        recorded = render_into(root, HOUSE_RULES, team="payments")

        assert contents(root) == before | {
            ".github/CODEOWNERS": b"* @acme/payments\n",
            "deploy/chart/values.yaml": b"name: shop\npatterns: auth cache\n",
        }
        assert [(one.source, one.ref, one.answers) for one in recorded] == [
            ("../overlay-0", "", {"team": "payments"})
        ]

    def test_are_replaced_where_the_overlay_says_so(self, root: Path) -> None:
        render_into(root, CI)

        assert (root / CI_FILE).read_text() == "on:\n  push:\n    branches: [main]\n"

    @pytest.mark.parametrize("path", [CI_FILE, ".github/*"])
    def test_are_replaced_where_the_user_says_so(self, root: Path, path: str) -> None:
        render_into(root, CI | {"copier.yml": "branch: dev"}, replaces=(path,))

        assert "dev" in (root / CI_FILE).read_text()

    def test_are_not_replaced_otherwise(self, root: Path) -> None:
        error = refused(root, CI | {"copier.yml": "branch: dev"}, replaces=("README.md",))

        assert isinstance(error, Refused)
        assert f"replace `{CI_FILE}`" in error.message
        assert f"`--overlay-replaces {CI_FILE}`" in error.hint

    def test_of_an_earlier_overlay_are_not_replaced_either(self, root: Path) -> None:
        first, second = ({"copier.yml": "", "OWNERS": name} for name in ("ann", "bob"))
        with pytest.raises(Refused) as caught:
            render_into(root, first, second)

        assert "`OWNERS`" in caught.value.message
        (root / "OWNERS").unlink()
        render_into(root, first, second | {"copier.yml": "_overwrite: [OWNERS]"})
        assert (root / "OWNERS").read_text() == "bob"

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            (".github", "`.github` is a folder in the project, but a file in the template"),
            ("README.md/x", "`README.md` is a file in the project, but a folder in the template"),
        ],
    )
    def test_cannot_take_the_path_of_a_folder_or_reversed(
        self, root: Path, path: str, message: str
    ) -> None:
        error = refused(root, {"copier.yml": "", path: "text"}, replaces=("*",))

        assert isinstance(error, Refused)
        assert message in error.message

    def test_may_be_the_same(self, root: Path) -> None:
        before = contents(root)

        render_into(root, {"copier.yml": "", "README.md": "# Shop\n"})

        assert contents(root) == before

    def test_are_skipped_if_they_exist(self, root: Path) -> None:
        settings = "_skip_if_exists: [README.md, NEW.md]"
        render_into(root, {"copier.yml": settings, "README.md": "other", "NEW.md": "new"})

        assert (root / "README.md").read_text() == "# Shop\n"
        assert (root / "NEW.md").read_text() == "new"

    def test_can_be_executable(self, root: Path, tmp_path: Path) -> None:
        folder = make_template(tmp_path / "rules", {"copier.yml": "", "run.sh": "", "a.txt": ""})
        (folder / "run.sh").chmod(0o700)
        (folder / "a.txt").chmod(0o600)

        render_into(root, folder)

        assert stat.S_IMODE((root / "run.sh").stat().st_mode) == 0o755
        assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o644

    def test_can_read_those_of_the_project(self, root: Path) -> None:
        make_template(root, {"facts.yml": "colour: red\n"})
        settings = "_external_data:\n  facts: facts.yml\n"
        render_into(root, {"copier.yml": settings, "x.jinja": "{{ _external_data.facts.colour }}"})

        assert (root / "x").read_text() == "red"

    def test_the_answers_of_copier_are_left_out(self, root: Path) -> None:
        name = "{{ _copier_conf.answers_file }}.jinja"
        render_into(root, {"copier.yml": "", name: "{{ _copier_answers | to_nice_yaml }}"})

        assert sorted(contents(root)) == [CI_FILE, "README.md"]


class TestProcess:
    def test_has_the_answers_of_fastgen(self, root: Path) -> None:
        names = "name title description author patterns queue fastgen_version _folder_name"
        template = "\n".join(f"{{{{ {name} }}}}" for name in names.split())

        render_into(root, {"copier.yml": "", "all.txt.jinja": template})

        assert (root / "all.txt").read_text("utf-8").split("\n") == [
            "shop",
            "A 'shop'",
            "Sells.",
            "Ünal",
            "['auth', 'cache']",
            "",
            __version__,
            "shop",
        ]

    def test_twice_gives_the_same(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        template = {"copier.yml": "", "x.jinja": "{{ ['b', 'a', 'c'] | unique | list }}{{ 1 }}"}
        make_template(root.parent / "again", {"README.md": "# Shop\n", CI_FILE: "on: push\n"})
        first = render_into(root, template, HOUSE_RULES)
        monkeypatch.setenv("PYTHONHASHSEED", "7")
        before = os.umask(0o077)
        try:
            second = render_into(root.parent / "again", template, HOUSE_RULES)
        finally:
            os.umask(before)

        assert first == second
        assert contents(root) == contents(root.parent / "again")


class TestSettings:
    def test_keep_their_meaning(self, root: Path) -> None:
        settings = (
            "_subdirectory: files\n_templates_suffix: .tmpl\n_exclude: ['*.bak']\n"
            "_envops:\n  variable_start_string: '[['\n  variable_end_string: ']]'\n"
            "_min_copier_version: '9.0'\n"
        )
        files = {"files/a.tmpl": "[[ name ]] {{ x }}", "files/b.bak": "", "README.md": "other"}
        before = contents(root)

        render_into(root, {"copier.yml": settings, **files})

        assert contents(root) == before | {"a": b"shop {{ x }}"}

    def test_of_the_user_change_nothing(
        self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "settings.yml").write_text("trust: ['/']\ndefaults:\n  team: other\n")
        monkeypatch.setenv("COPIER_SETTINGS_PATH", str(tmp_path / "settings.yml"))

        assert render_into(root, HOUSE_RULES)[0].answers == {"team": "core"}
        refused(root, {"copier.yml": "_tasks: ['touch ran']"})

    def test_a_git_hook_around_it_changes_nothing(
        self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit_template(tmp_path / "other", {"copier.yml": "", "foreign": ""}, "v1")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))

        render_into(root, HOUSE_RULES)

        assert not (root / "foreign").exists()
        assert (root / "deploy").exists()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("a: 1\nb: [\n", "`copier.yml` is not valid YAML, line 3"),
        ("a: 1\nb: !!python/object/apply:os.getcwd []\n", "`copier.yml` is not valid YAML, line 2"),
        ("a: \x01\n", "`copier.yml` is not valid YAML"),
    ],
)
def test_settings_that_are_not_yaml(root: Path, settings: str, reason: str) -> None:
    error = refused(root, {"copier.yml": settings})

    assert error.message == f"The overlay `overlay-0` cannot be rendered: {reason}."


class TestLimits:
    def test_memory(self, root: Path) -> None:
        error = refused(root, {"copier.yml": "", "x.jinja": "{{ 'x' * 10**10 }}"})

        assert isinstance(error, Refused)
        assert "it needs more than 2 GiB of memory" in error.message

    def test_size_of_a_file(self, root: Path) -> None:
        error = refused(root, {"copier.yml": "", "x.jinja": "{{ 'x' * (65 * 2**20) }}"})

        assert isinstance(error, Refused)
        assert "File too large" in error.message

    def test_time(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(copier_calls, "TIMEOUT", 5.0)
        loop = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"

        error = refused(root, {"copier.yml": "", "x.jinja": loop})

        assert "did not end within 5 seconds" in error.message

    def test_lifetime_of_the_parent(self, root: Path, tmp_path: Path) -> None:
        loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
        make_template(tmp_path / "endless", {"copier.yml": "", "x.jinja": loop})
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        process = subprocess.Popen(
            [*FASTGEN, "new", "other", "--yes", "--no-git", "--overlay", "./endless"],
            cwd=root.parent,
            env=os.environ | {"TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
        )
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        wait_until(lambda: any(temporary.glob("*/request.json")) and children.read_text() != "")

        process.kill()
        process.wait()

        wait_until(lambda: not any(temporary.iterdir()))


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120  # only a fault reaches it
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.usefixtures("forked_copier")
class TestAnswers:
    QUESTIONS = """
count: {type: int, default: 1, validator: "{% if count > 9 %}at most 9{% endif %}"}
price: {type: float, default: 1.5}
strict: {type: bool, default: false}
team: {type: str, choices: [core, web], default: core}
tags: {type: str, multiselect: true, choices: [a, b, c], default: [a]}
meta: {type: yaml, default: {x: [1, null]}}
word: {type: yaml, default: "yes"}
nothing: {type: json, default: "null"}
pin: {type: str, secret: true, default: "0000", validator: "{% if pin == 'bad!' %}{{ pin }}{% endif %}"}
derived: {type: str, default: "{{ team }}-{{ name }}", when: false}
title: {type: str}
"""  # noqa: E501
    TEMPLATE: Mapping[str, str] = {
        "copier.yml": QUESTIONS,
        "x.jinja": "{{ [count, price, strict, team, tags, meta, word, nothing, pin, derived] }}",
    }

    def test_are_the_defaults(self, root: Path) -> None:
        recorded = render_into(root, self.TEMPLATE)[0].answers

        assert recorded == {
            "count": 1,
            "price": 1.5,
            "strict": False,
            "team": "core",
            "tags": ["a"],
            "meta": '{"x": [1, null]}',
            "word": "true",
            "nothing": "null",
        } | ({"word": recorded["word"]} if recorded["word"] is True else {})
        assert "0000" in (root / "x").read_text()
        assert "core-shop" in (root / "x").read_text()

    def test_are_cast_to_the_type_of_the_question(self, root: Path) -> None:
        given = {"count": "2", "price": "3", "strict": "yes", "team": "web", "tags": "[b, c]"}
        given |= {"meta": "{y: 2}", "pin": "1234"}

        recorded = render_into(root, self.TEMPLATE, given=given)[0].answers

        text = (root / "x").read_text()
        assert text.startswith("[2, 3.0, True, 'web', ['b', 'c'], {'y': 2}, ")
        assert "1234" in text
        assert recorded["count"] == 2
        assert recorded["meta"] == "{y: 2}"
        assert "pin" not in recorded
        assert "title" not in recorded

    def test_recorded_give_the_same_again(self, root: Path) -> None:
        make_template(root.parent / "again", {"README.md": ""})
        first = render_into(root, self.TEMPLATE, meta="{y: 2}", count="3")[0].answers
        as_given = {key: str(value) for key, value in first.items()}

        second = render_into(root.parent / "again", self.TEMPLATE, given=as_given)[0].answers

        assert (root / "x").read_text() == (root.parent / "again" / "x").read_text()
        assert second["count"] == 3

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"count": "many"}, "`count`: 'many' is not a number"),
            ({"count": "10"}, "`count`: at most 9"),
            ({"team": "ops"}, "`team`: 'ops' is not in ['core', 'web']"),
            ({"tags": "a"}, "`tags`: Not a YAML list: 'a'"),
            ({"nothing": "{"}, "`nothing`: "),
            ({"title": "x"}, "`title` is an answer of fastgen"),
            ({"pin": "bad!"}, "`pin`: ***"),
        ],
    )
    def test_invalid_answers_are_refused(
        self, root: Path, given: dict[str, str], message: str
    ) -> None:
        error = refused(root, self.TEMPLATE, given=given)

        assert isinstance(error, BadInput)
        assert message in error.message
        assert error.hint

    def test_to_no_question(self, root: Path) -> None:
        with pytest.raises(BadInput, match="No overlay has a question `unknown`") as caught:
            render_into(root, HOUSE_RULES, unknown="x")

        assert caught.value.hint == "The questions are `team`."

    def test_missing_answers_are_refused(self, root: Path) -> None:
        error = refused(root, {"copier.yml": "team: {type: str}"})

        assert isinstance(error, BadInput)
        assert "`team`: it is required" in error.message
        assert "--overlay-data team=VALUE" in error.hint

    def test_answers_reach_each_overlay_that_asks(self, root: Path) -> None:
        other = {"copier.yml": "team: core\nother: 1", "other.jinja": "{{ team }}"}

        recorded = render_into(root, HOUSE_RULES, other, team="web", other="2")

        assert [one.answers for one in recorded] == [{"team": "web"}, {"team": "web", "other": 2}]

    def test_cannot_be_too_long(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(overlay_renderer, "MAX_ANSWERS", 20)

        assert "cannot be recorded" in refused(root, HOUSE_RULES, team="x" * 20).message

    @pytest.mark.parametrize(
        "question", ['team: "a\\0b"', '"a\\0b": 1', "team: {type: json, default: '\"\\ud800\"'}"]
    )
    def test_are_utf_8_without_nul(self, root: Path, question: str) -> None:
        error = refused(root, {"copier.yml": question})

        assert "cannot be recorded" in error.message


@pytest.mark.usefixtures("forked_copier")
class TestCode:
    @pytest.mark.parametrize(
        ("settings", "shown"),
        [
            ("_tasks: ['touch ran']", "task `touch ran`"),
            ("_tasks: [[touch, 'a b']]", "task `touch 'a b'`"),
            ("_tasks: [{command: touch ran, when: false}]", "task `touch ran`"),
            ("_migrations: [touch ran]", "migration `touch ran`"),
            ("_migrations: [{version: v1, before: [touch a, touch b]}]", "`touch a; touch b`"),
            ("_jinja_extensions: [evil.Extension]", "Jinja extension `evil.Extension`"),
            ("x: 1\n---\n_tasks: ['touch ran']", "task `touch ran`"),
            ("!include more.yml", "task `touch included`"),
        ],
    )
    def test_needs_trust(self, root: Path, settings: str, shown: str) -> None:
        template = {"copier.yml": settings, "more.yml": "_tasks: ['touch included']"}

        error = refused(root, template)

        assert isinstance(error, Refused)
        assert shown in error.message
        assert "--trust" in error.hint

    def test_trusted_tasks_run(self, root: Path) -> None:
        settings = "_tasks: ['cat README.md > {{ name }}.txt && echo out']\n_overwrite: [README.md]"

        render_into(root, {"copier.yml": settings, "README.md": "new\n"}, trust=True)

        assert (root / "shop.txt").read_text() == "new\n"

    def test_extensions_that_are_trusted_are_loaded(self, root: Path) -> None:
        settings = "_jinja_extensions: [jinja2.ext.do]"
        template = "{% set x = [] %}{% do x.append(name) %}{{ x }}"

        render_into(root, {"copier.yml": settings, "x.jinja": template}, trust=True)

        assert (root / "x").read_text() == "['shop']"

    def test_of_a_dry_run_does_not_run(self, root: Path, tmp_path: Path) -> None:
        settings = f"_tasks: ['touch {tmp_path}/ran']"

        render_into(root, {"copier.yml": settings, "x": ""}, trust=True, run_tasks=False)

        assert (root / "x").exists()
        assert not (tmp_path / "ran").exists()

    @pytest.mark.parametrize(
        ("task", "message"),
        [
            ("exit 3", "non-zero exit status 3"),
            ("rm README.md", "deletes `README.md`"),
            ("echo x > README.md", "replace `README.md`"),
            ("chmod +x README.md", "replace `README.md`"),
            ("ln -s /etc/passwd link", "`link` is a symbolic link"),
            ("mkfifo pipe", "`pipe` is not a regular file"),
            ("git init", "no overlay can write"),
            ("echo x > .env", "`.env`"),
        ],
    )
    def test_trusted_tasks_are_checked(self, root: Path, task: str, message: str) -> None:
        error = refused(root, {"copier.yml": f"_tasks: ['{task}']"}, trust=True)

        assert isinstance(error, Refused)
        assert message in error.message


@pytest.mark.usefixtures("forked_copier")
class TestHostile:
    @pytest.mark.parametrize(
        ("files", "message"),
        [
            ({"{{ up }}/x.jinja": "", "copier.yml": "up: '..'"}, "forbidden"),
            ({"{{ up }}.jinja": "", "copier.yml": "up: a/../../x"}, "forbidden"),
            ({"{{ up }}/x.jinja": "", "copier.yml": "up: /etc"}, "forbidden"),
            ({"copier.yml": "_subdirectory: '../..'"}, "forbidden"),
            ({".fastgen.toml": "schema = 2"}, "`.fastgen.toml`"),
            ({".fastgen/operations/x.toml": ""}, "no overlay can write"),
            ({"{{ n }}": "", "copier.yml": "n: .env"}, "`.env`"),
            ({"{{ n }}": "", "copier.yml": "n: .git/x\n_exclude: [a]"}, "`.git/x`"),
            ({"readme.md": ""}, "`readme.md` beside `README.md`"),
            ({"{{ n }}": "", "copier.yml": "n: 'a:b'"}, "not possible on all systems"),
            ({"README.md/x": ""}, "README.md"),
            ({".github": ""}, ""),
            ({"x.jinja": "a\n{% if %}"}, "`x.jinja`, line 2"),
            ({"x.jinja": "a\n{{ nothing.at.all }}"}, "'nothing' is undefined (`x.jinja`, line 2)"),
            ({"x.jinja": "{% include '../../README.md' %}"}, "README.md"),
            ({"x.jinja": "{{ ''.__class__.__mro__ }}"}, "unsafe"),
            ({"x.jinja": "{{ _copier_conf.src_path }}"}, "path of this machine"),
            ({"x.jinja": "{{ _copier_conf.dst_path }}"}, "path of this machine"),
            ({"{{ oops": ""}, "{{ oops"),
            ({"copier.yml": "a: [", "x": ""}, ""),
            ({"copier.yml": "- a", "x": ""}, "`copier.yml` must have names with values"),
            ({"copier.yml": "5"}, "`copier.yml` must have names with values"),
            ({"copier.yml": "5: a"}, "`copier.yml` must have names with values"),
            ({"copier.yml": "_exclude: 5"}, "lists in `_exclude`"),
            ({"copier.yml": "_exclude: [5]"}, "`_exclude` in `copier.yml` has something other"),
            ({"copier.yml": "_tasks: 5"}, "`_tasks` in `copier.yml` is not a list"),
            ({"copier.yml": "_envops: [1]"}, "`_envops` in `copier.yml` has no names"),
            ({"copier.yml": "_templates_suffix: 5"}, "`_templates_suffix` in `copier.yml`"),
            ({"{{ n }}.jinja": "", "copier.yml": 'n: "a\\0b"'}, "null"),
            ({"copier.yml": "_min_copier_version: '99'"}, "99"),
            ({"copier.yml": "_overwrite: README.md"}, "`_overwrite` in `copier.yml` is not a list"),
            ({"copier.yml": "a: {type: int, default: '{{ 1 / 0 }}'}"}, "division by zero"),
            ({"copier.yml": "a: {type: wrong, default: 1}"}, "wrong"),
            ({"copier.yml": "!include ../shop/*.md"}, "forbidden"),
            (
                {"copier.yml": "_external_data: {f: ../x.yml}", "x.jinja": "{{_external_data.f}}"},
                "forbidden",
            ),
        ],
    )  # fmt: skip
    def test_is_refused(self, root: Path, files: dict[str, str], message: str) -> None:
        error = refused(root, {"copier.yml": "", "aaa.txt": "", **files})

        assert isinstance(error, Refused)
        assert message in error.message
        assert "`" in error.message
        assert error.hint
        assert "\n" not in error.message

    def test_a_process_that_is_gone(self, root: Path) -> None:
        error = refused(root, {"copier.yml": "_tasks: ['kill -9 $PPID']"}, trust=True)

        assert "without a result" in error.message
