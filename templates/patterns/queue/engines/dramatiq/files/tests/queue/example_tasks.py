"""Tasks of the tests, in each application beside its own."""

import dramatiq

import app.tasks  # noqa: F401  # it sets the broker that tasks are declared on
from app.core.errors import Conflict
from app.queue.arguments import client_task


@dramatiq.actor(actor_name="greet")
@client_task()
async def greet(name: str) -> str:
    return f"Hello {name}"


@dramatiq.actor(actor_name="refuse")
@client_task()
async def refuse() -> None:
    raise Conflict("Never.")


@dramatiq.actor(actor_name="fail", max_retries=1, min_backoff=1)
@client_task()
async def fail() -> None:
    raise RuntimeError("broken")


@dramatiq.actor(actor_name="report")
@client_task(scopes=["admin"])
async def report() -> None:
    """For admins."""


@dramatiq.actor(actor_name="internal")
async def internal() -> None:
    """Not for clients."""
