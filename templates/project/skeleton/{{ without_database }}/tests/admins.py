"""The admin of the tests: the one that the settings name, and that is there from the start."""

from collections.abc import Generator

import pytest

from tests.accounts import PASSWORD

EMAIL = "admin@example.com"


@pytest.fixture(scope="session", autouse=True)
def first_admin() -> Generator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRST_ADMIN_EMAIL", EMAIL)
        environment.setenv("FIRST_ADMIN_PASSWORD", PASSWORD)
        yield


@pytest.fixture
def admin_email() -> str:
    return EMAIL
