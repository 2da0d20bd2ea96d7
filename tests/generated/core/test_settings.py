"""Settings: sources, defaults, and messages that contain no values."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.environment import PROJECT_ROOT
from app.settings import Settings, get_settings

GOOD_KEY = "0123456789-abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with no setting in it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("SECRET_KEY", GOOD_KEY)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    return monkeypatch


def faults(text: str) -> list[str]:
    return re.findall(r"^  ([A-Z_]+): ", text, re.MULTILINE)


def test_all_faults_are_named_at_once_and_no_value(environment: pytest.MonkeyPatch) -> None:
    bad = {
        "ENVIRONMENT": "hunter2",
        "SECRET_KEY": "hunter2",
        "PORT": "hunter2",
        "ALLOWED_HOSTS": '["hunter2"',
        "SWAGGER_UI_PARAMETERS": "hunter2",
    }
    for name, value in bad.items():
        environment.setenv(name, value)

    with pytest.raises(SystemExit) as failure:
        Settings.load()

    assert sorted(faults(str(failure.value))) == sorted(bad)
    assert "hunter2" not in str(failure.value)


def test_production_starts_with_a_good_key(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ENVIRONMENT", "production")

    settings = Settings.load()

    assert settings.in_production
    assert not settings.docs_enabled
    assert settings.allowed_hosts == ("127.0.0.1", "localhost")
    assert GOOD_KEY not in repr(settings)


def test_elsewhere_an_empty_key_is_replaced(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SECRET_KEY")

    with pytest.warns(UserWarning, match="SECRET_KEY is empty"):
        settings = Settings.load()

    assert len(settings.secret_key.get_secret_value()) >= 32


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_ORIGINS", "https://hunter2.example/"),
        ("ALLOWED_ORIGINS", "https://hunter2.example/path"),
        ("ALLOWED_ORIGINS", "https://a.example, hunter2.example"),
        ("ALLOWED_ORIGINS", "https://Hunter2.example"),
        ("ALLOWED_ORIGINS", "https://hunter2.example:443"),
        ("ALLOWED_ORIGINS", "https://*.hunter2.example"),
        ("ALLOWED_ORIGINS", "https://[0:0::1]"),
        ("ALLOWED_ORIGINS", "https://hunter2.example:99999"),
        ("ALLOWED_ORIGINS", "https://hunter2.example?a"),
        ("ALLOWED_ORIGINS", "https://a@hunter2.example"),
        ("ALLOWED_ORIGINS", "capacitor://Hunter2"),
        ("ALLOWED_ORIGINS", "capacitor://hunter2/"),
        ("ALLOWED_HOSTS", "https://hunter2.example"),
        ("ALLOWED_HOSTS", "hunter2.example:8000"),
        ("ALLOWED_HOSTS", "hunter2.*.example"),
        ("ALLOWED_HOSTS", "hunter2.example/"),
        ("ALLOWED_HOSTS", ".hunter2.example"),
        ("ALLOWED_HOSTS", "hunter2..example"),
        ("ALLOWED_HOSTS", "[hunter2"),
        ("ALLOWED_HOSTS", "::1"),
        ("ALLOWED_HOSTS", "[0:0::1]"),
        ("TRUSTED_PROXIES", "hunter2"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("ROOT_PATH", "hunter2"),
        ("ROOT_PATH", "/hunter2/"),
        ("ROOT_PATH", "/hunter2?"),
        ("DOCS_PATH", "hunter2"),
        ("DOCS_PATH", "//hunter2"),
        ("LOG_LEVEL", "hunter2"),
        ("CONTACT_URL", "hunter2"),
        ("CONTACT_EMAIL", "hunter2"),
    ],
)
def test_values_that_cannot_work(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)

    with pytest.raises(SystemExit) as failure:
        Settings.load()

    assert faults(str(failure.value)) == [name]
    assert "hunter2" not in str(failure.value).lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_ORIGINS", "https://a.example, http://localhost:3000, http://[::1]:3000"),
        ("ALLOWED_ORIGINS", "capacitor://localhost"),
        ("ALLOWED_HOSTS", "A.example, *.b.example, 10.0.0.1, [::1]"),
        ("ALLOWED_HOSTS", "[::1], a.example."),
        ("TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("TRUSTED_PROXIES", "*, 10.0.0.1"),
        ("ROOT_PATH", "/shop/v2"),
    ],
)
def test_values_that_work(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)

    Settings.load()


@pytest.mark.parametrize("value", ["a.example, b.example", ' [ "a.example", "b.example"]'])
def test_lists_in_both_notations(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("ALLOWED_HOSTS", value)

    assert Settings.load().allowed_hosts == ("a.example", "b.example")


@pytest.mark.parametrize(("environment", "port"), [("test", "8000"), ("development", "1234")])
def test_tests_read_no_env_file(tmp_path: Path, environment: str, port: str) -> None:
    shutil.copytree(PROJECT_ROOT / "app", tmp_path / "app")
    (tmp_path / ".env").write_text("PORT=1234\n")

    result = subprocess.run(
        [sys.executable, "-c", "from app.settings import Settings; print(Settings.load().port)"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ENVIRONMENT": environment, "SECRET_KEY": GOOD_KEY},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout == f"{port}\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Zürich", "utf-16"), ("Zürich", "utf-16-le"), ("Bern", "utf-16-le"), ("Zürich", "latin-1")],
)
def test_an_env_file_that_is_not_utf8(
    environment: pytest.MonkeyPatch, tmp_path: Path, text: str, encoding: str
) -> None:
    own = tmp_path / ".env"
    own.write_bytes(f"CONTACT_NAME={text}\n".encode(encoding))
    environment.setitem(Settings.model_config, "env_file", own)
    environment.setenv("ENVIRONMENT", "development")

    with pytest.raises(SystemExit, match="is not UTF-8 text"):
        Settings.load()


def test_an_env_file_with_a_byte_order_mark(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / ".env"
    own.write_text("PORT=1234\n", "utf-8-sig")
    environment.setitem(Settings.model_config, "env_file", own)
    environment.setenv("ENVIRONMENT", "development")

    assert Settings.load().port == 1234


@pytest.mark.parametrize("name", ["PORT", "port"])
@pytest.mark.parametrize(("value", "port"), [("", 8000), ("4321", 4321)])
def test_the_environment_overrides_the_env_file(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, port: int
) -> None:
    own = tmp_path / ".env"
    own.write_text("PORT=1234\nLOG_LEVEL=ERROR\n")
    environment.setitem(Settings.model_config, "env_file", own)
    environment.setenv(name, value)

    settings = Settings.load()

    assert (settings.port, settings.log_level) == (port, "ERROR")


def test_they_are_read_once() -> None:
    get_settings.cache_clear()

    assert get_settings() is get_settings()
