"""The command that makes the first admin."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from app import admin
from app.admin import make_admin
from app.auth.models import User
from app.auth.principal import Role
from app.auth.repository import UserRepository
from app.auth.schemas import UserCreate
from app.core.errors import Unavailable
from app.db.database import Database
from app.settings import Settings, get_settings
from tests.accounts import PASSWORD, new_email


@pytest.fixture
def email(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both answers come from the environment."""
    email = new_email()
    monkeypatch.setenv("FIRST_ADMIN_EMAIL", email)
    monkeypatch.setenv("FIRST_ADMIN_PASSWORD", PASSWORD)
    get_settings.cache_clear()
    yield email
    get_settings.cache_clear()


def test_it_says_who_is_admin(email: str, capsys: pytest.CaptureFixture[str]) -> None:
    admin.main()
    admin.main()  # twice is once

    assert capsys.readouterr().out.count(f"{email} is an admin.\n") == 2


def test_a_database_that_does_not_answer(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> User:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(admin, "make_admin", fail)
    with pytest.raises(SystemExit, match="does not answer"):
        admin.main()


async def test_email_and_password_are_asked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = new_email()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: email)
    monkeypatch.setattr(admin, "getpass", lambda _: PASSWORD)

    data = admin.ask(settings)

    assert (data.email, data.password.get_secret_value()) == (email, PASSWORD)


async def test_answers_that_will_not_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "nobody")
    monkeypatch.setattr(admin, "getpass", lambda _: "hunter2")

    with pytest.raises(SystemExit) as failure:
        admin.ask(settings)

    assert "email: " in str(failure.value)
    assert "password: a password has 8 to 128 characters" in str(failure.value)
    assert "hunter2" not in str(failure.value)


@pytest.mark.parametrize("key", [EOFError, KeyboardInterrupt], ids=["Ctrl-D", "Ctrl-C"])
def test_a_prompt_can_be_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, key: type[BaseException]
) -> None:
    def leave(_prompt: str) -> str:
        raise key

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", leave)

    with pytest.raises(SystemExit, match="no admin was created"):
        admin.ask(settings)


def test_without_a_terminal_it_says_what_to_set() -> None:
    command = [sys.executable, "-m", "app.admin"]
    variables = {**os.environ, "ENVIRONMENT": "test", "SECRET_KEY": "x" * 32}
    done = subprocess.run(  # noqa: S603  # a fixed command
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=variables,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Without a terminal, set FIRST_ADMIN_EMAIL and FIRST_ADMIN_PASSWORD.\n"


async def test_a_user_becomes_one_and_keeps_the_password(
    settings: Settings, database: Database
) -> None:
    data = UserCreate(email=new_email(), password=SecretStr(PASSWORD))
    first = await make_admin(settings, database, data)
    async with database.session() as session:
        users = UserRepository(session)
        await users.update(await users.get_for_update(first.id), {"role": Role.USER})

    second = await make_admin(settings, database, data)

    assert (second.id, second.role) == (first.id, Role.ADMIN)
    assert second.password_hash == first.password_hash
