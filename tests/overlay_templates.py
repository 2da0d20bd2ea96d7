"""Overlays that the tests make: folders, and git repositories with tags."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

Files = Mapping[str, str]

HOUSE_RULES = {
    "copier.yml": "team:\n  type: str\n  default: core\n",
    ".github/CODEOWNERS.jinja": "* @acme/{{ team }}\n",
    "deploy/chart/values.yaml.jinja": "name: {{ name }}\npatterns: {{ patterns | join(' ') }}\n",
}
"""Adds files only."""
CI = {
    "copier.yml": "_overwrite:\n  - .github/workflows/*\nbranch: main\n",
    ".github/workflows/ci.yml.jinja": "on:\n  push:\n    branches: [{{ branch }}]\n",
}
"""Replaces a file of the project."""


def make_template(folder: Path, files: Files) -> Path:
    """Write a template into a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8", newline="\n")
    return folder


def git(folder: Path, *arguments: str, text: str = "") -> str:
    """Run git with an identity of its own."""
    identity = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"))
    }
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull},
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit_template(folder: Path, files: Files, tag: str) -> str:
    """Commit a template into the repository in a folder, and tag it; the commit."""
    make_template(folder, files)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", tag)
    git(folder, "tag", tag)
    return git(folder, "rev-parse", "HEAD")
