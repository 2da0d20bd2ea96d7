"""`fastgen doctor`: what is wrong with the project around the current folder."""

from pathlib import Path

from fastgen import console
from fastgen.cli.command_result import CommandResult
from fastgen.cli.options import Debug, Json
from fastgen.report import Report


def doctor(
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read where errors end
) -> CommandResult:
    """Check the project, with a hint for each problem. Nothing is changed."""
    from fastgen.diagnosis import diagnose  # inside: for a fast `--help`
    from fastgen.project.state import find_root

    root = find_root(Path.cwd())
    findings = [*diagnose(root)]
    report = Report(
        command="doctor",
        status="done",
        path=root,
        data=findings,
        exit_code=1 if findings else 0,
    )

    def show() -> None:
        for finding in findings:
            console.show_line(f"{finding.name}: {finding.summary}")
            console.show_line(f"  hint: {finding.hint}")
        if not findings:
            console.show_line("Nothing is wrong with this project.")

    return CommandResult(report, show, json)
