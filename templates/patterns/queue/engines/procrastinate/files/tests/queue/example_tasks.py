"""Tasks of the tests, in each application beside its own."""

from app.core.errors import Conflict
from app.queue.arguments import client_task
from app.queue.options import Backoff
from app.tasks import tasks


@tasks.task(name="greet")
@client_task()
async def greet(name: str) -> str:
    return f"Hello {name}"


@tasks.task(name="refuse", retry=Backoff())
@client_task()
async def refuse() -> None:
    raise Conflict("Never.")


@tasks.task(name="fail", retry=Backoff(retries=1, seconds=0))
@client_task()
async def fail() -> None:
    raise RuntimeError("broken")


@tasks.task(name="report")
@client_task(scopes=["admin"])
async def report() -> None:
    """For admins."""


@tasks.task(name="internal")
async def internal() -> None:
    """Not for clients."""
