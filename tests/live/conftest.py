"""What a test that fails shows besides its own output."""

from collections.abc import Generator

import pytest

from tests.live import logs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the logs of servers and workers that other tests use too."""
    report = yield
    if report.failed:
        report.sections.extend(logs.of_running_programs())
    return report
