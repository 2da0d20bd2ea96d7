"""The development container fits the project."""

import re

from app.core.environment import PROJECT_ROOT
from app.settings import Settings

# Text, since the file may have comments.
TEXT = (PROJECT_ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8")


def test_the_port_of_the_service_is_forwarded() -> None:
    (ports,) = re.findall(r'"forwardPorts": \[(.*?)\]', TEXT, re.DOTALL)

    assert str(Settings.model_fields["port"].default) in re.findall(r"\d+", ports)


def test_its_commands_are_recipes() -> None:
    justfile = (PROJECT_ROOT / "justfile").read_text("utf-8")

    assert {*re.findall(r'"just (\w+)', TEXT)} <= {*re.findall(r"^(\w+)", justfile, re.MULTILINE)}
