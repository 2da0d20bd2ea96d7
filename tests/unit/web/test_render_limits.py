"""Rendering is bounded: in number, in memory and in time."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir
from typing import TypeVar

import pytest

from fastgen.web import rendered_project
from fastgen.web.project_choice import Choice, read_choice
from fastgen.web.render_pool import Busy, Renders
from fastgen.web.rendered_project import File, Project, TooSlow
from tests.unit.web.client import get, get_all, query

T = TypeVar("T")


class FakeRender:
    """Renders one small file, and counts."""

    def __init__(self, *, size: int = 10) -> None:
        self.done: list[str] = []
        self.running = self.most = 0
        self._size = size
        self._lock = threading.Lock()

    def __call__(self, choice: Choice, _: float) -> Project:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.001)  # lets others start
        with self._lock:
            self.running -= 1
            self.done.append(choice.answers.name)
        return Project({"a": File(b"x" * self._size)})


def trees(*names: str) -> list[str]:
    return [f"/tree?{query(name=name)}" for name in names]


def test_fifty_at_once_are_rendered_one_at_a_time() -> None:
    render = FakeRender()
    urls = trees(*(f"shop{number}" for number in range(50)))

    responses = get_all(urls, renders=Renders(render=render))

    assert {response.status_code for response in responses} == {200}
    assert (render.most, len(render.done)) == (1, 50)


def test_the_same_project_is_rendered_once() -> None:
    render = FakeRender()
    renders = Renders(render=render)

    get_all(trees(*["shop"] * 50), renders=renders)
    get_all(trees("shop", "other"), renders=renders)

    assert render.done == ["shop", "other"]


def test_more_than_may_wait_are_refused() -> None:
    refused = threading.Event()

    def render(_: Choice, __: float) -> Project:
        refused.wait()
        return Project({})

    class Counted(Renders):
        left = 6

        async def in_thread(self, function: Callable[[], T]) -> T:
            try:
                return await super().in_thread(function)
            except Busy:
                self.left -= 1
                if not self.left:
                    refused.set()
                raise

    responses = get_all(
        trees(*(f"shop{number}" for number in range(10))),
        renders=Counted(render=render, waiting=4),
    )

    codes = [response.status_code for response in responses]
    assert (codes.count(200), codes.count(503)) == (4, 6)
    problem = responses[codes.index(503)]
    assert (problem.json()["code"], problem.headers["retry-after"]) == ("unavailable", "5")


def test_the_cache_holds_a_number_of_bytes() -> None:
    render = FakeRender(size=40)
    renders = Renders(render=render, memory=100)

    for name in ("one", "two", "one", "three", "one", "two"):
        get_all(trees(name), renders=renders)

    assert render.done == ["one", "two", "three", "two"]  # the one that was used last stays


def test_a_request_does_not_wait_for_ever() -> None:
    release = threading.Event()

    def render(_: Choice, __: float) -> Project:
        release.wait()
        return Project({})

    response = get("/tree", query(), renders=Renders(render=render, seconds=0.01))
    release.set()

    assert response.status_code == 503


def test_rendering_ends_at_its_deadline() -> None:
    choice, _ = read_choice(query(patterns="none", router=["orders", "lines"]).encode())
    clock = iter([0.0, 2.0])

    with pytest.raises(TooSlow):
        rendered_project.render(choice, 1.0, lambda: next(clock))


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    choice, _ = read_choice(query(patterns="none", router=["orders"]).encode())

    rendered_project.render(choice, time.monotonic() + 60)

    assert gettempdir() == str(tmp_path)
    assert list(tmp_path.iterdir()) == []
