"""The documents: their commands and links work, and they describe every option and setting."""

import re
import shutil
import subprocess
import textwrap
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from docs.build import build, groups, render
from fastgen.project.operations import EXAMPLES, Operation
from fastgen.project.patterns import names
from fastgen.resources.fields.types import FIELD_TYPES
from tests.support import FASTGEN, ROOT, fastgen, generate

DOCS = ROOT / "docs"
README = ROOT / "README.md"
BLOCK = re.compile(r"^( *)```(sh|yaml|jinja)\n(.+?)^\1```$", re.MULTILINE | re.DOTALL)
SHELL = f'set -e\nfastgen() {{ {" ".join(FASTGEN)} "$@"; }}\n'
PAGES = [
    page.relative_to(DOCS).as_posix()
    for page in [DOCS / "index.md", *DOCS.glob("commands/*.md"), *DOCS.glob("how-to/*.md")]
    if "```sh\n" in page.read_text("utf-8")
]
WHAT = ("router", "field", "middleware", "extra", "pattern")
FIELDS = {"fields": ("customer:str:max=80", "item:ref(items)")}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with items and orders; tests work on copies."""
    added = [*EXAMPLES, Operation("router", "orders", FIELDS)]
    return generate(tmp_path_factory.mktemp("shop"), patterns=("database",), operations=added)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_commands_of_a_page(page: str, shop: Path, tmp_path: Path) -> None:
    """They work in an empty folder if they make a project, else in one with or without orders."""
    found = [(kind, textwrap.dedent(text)) for _, kind, text in BLOCK.findall(read(page))]
    commands = "".join(text for kind, text in found if kind == "sh")
    where = tmp_path
    if "fastgen new" not in commands:
        where = Path(shutil.copytree(shop, tmp_path / "shop"))
    if commands.startswith("fastgen add router orders"):
        assert fastgen("remove", "router", "orders", "--yes", cwd=where).code == 0
    for kind, text in found:
        if kind != "sh":
            name, _, content = text.removeprefix("# ").partition("\n")
            (where / name).parent.mkdir(exist_ok=True)
            (where / name).write_text(content, "utf-8")

    done = subprocess.run(
        ["sh", "-c", SHELL + commands],
        cwd=where,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"{commands}{done.stdout}"
    if page == "how-to/overlay.md":
        assert "* @acme/payments" in done.stdout


def read(page: str) -> str:
    return (DOCS / page).read_text("utf-8")


def test_every_command_and_option_is_described(tmp_path: Path) -> None:
    commands = re.findall(
        r"^  (\w+) ", fastgen("--help", cwd=tmp_path).out.partition("Commands:")[2], re.MULTILINE
    )
    assert {"new", "update", "add"} < {*commands}
    single = {*commands} - {"add", "remove"}
    pages = {command: f"commands/{command}.md" for command in single} | {"web": "web.md"}
    pages |= {f"add {what}": f"commands/{what}.md" for what in WHAT}
    pages |= {f"remove {what}": "commands/remove.md" for what in WHAT}
    for command, page in pages.items():
        text = fastgen(*command.split(), "--help", cwd=tmp_path).out
        flags = set(re.findall(r"--[a-z][a-z-]+", text)) - {"--help"}
        described = read(page) + read("commands/index.md")

        assert ({"--debug"} if command == "web" else {"--json", "--debug"}) <= flags
        assert f"fastgen {command}" in described, page
        assert {flag for flag in flags if f"`{flag}" not in described} == set(), command


def test_every_type_of_a_field_is_described() -> None:
    assert [kind for kind in FIELD_TYPES if f"`{kind}" not in read("commands/router.md")] == []


def test_the_examples_of_different_pages_can_be_in_one_project() -> None:
    """Routes, and functions, of a module must have different names."""
    pages = (ROOT / "templates" / "patterns").glob("*/files/docs/*.md")
    examples = "".join(page.read_text("utf-8") for page in pages)

    routes = Counter(re.findall(r'^@router\.\w+\("[^"]+"', examples, re.MULTILINE))
    functions = Counter(re.findall(r"^async def \w+", examples, re.MULTILINE))

    assert [name for name, number in (routes + functions).items() if number > 1] == []


def test_the_readme_shows_generated_code() -> None:
    (code,) = re.findall(r"^```python\n(.+?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)

    assert code in (ROOT / "tests/snapshots/none/app/api/v1/items.py").read_text("utf-8")


def test_the_links_of_the_readme() -> None:
    links = re.findall(r"\]\(([^):]+)\)", README.read_text("utf-8"))

    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).is_file()] == []


class Page(HTMLParser):
    """The links of a page, what it loads, and its anchors."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.anchors: set[str] = {""}
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.anchors.add(value or "")
            elif name == "href" and tag == "a":
                self.links.add(value or "")
            elif name == "src" or (name == "href" and tag == "link"):
                self.loaded.add(value or "")


def test_the_site(tmp_path: Path) -> None:
    assert build(tmp_path / "docs") == 0

    site = tmp_path / "docs" / "site"
    pages = {file: Page(file) for file in site.rglob("*.html") if file.name != "404.html"}
    assert len(pages) > 30
    for file, page in pages.items():
        assert [each for each in page.loaded if "://" in each] == [], "needs no other host"
        for link in sorted(page.links | page.loaded):
            path, anchor = urldefrag(unquote(link))
            if "://" in path:
                continue
            target = (file.parent / path).resolve() if path else file
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{file}: {link}"
            assert target not in pages or anchor in pages[target].anchors, f"{file}: {link}"
    assert (site / "why" / "index.html").read_text("utf-8").count("<table>") == 7
    assert_all_settings_are_in((site / "settings" / "index.html").read_text("utf-8"))


def assert_all_settings_are_in(page: str) -> None:
    example = render(names())[".env.example"]
    settings = [name for group in groups(example) for name in group.settings]

    assert len(settings) > 60
    assert [name for name in settings if f"<code>{name}</code>" not in page] == []
