"""Topics, for tasks: whoever follows one hears what a task publishes, in any process."""

from typing import Annotated

from app.core.events.topics import Topics
from app.core.queue.taskiq import RunDep, TaskDepends


async def get_topics(run: RunDep) -> Topics:
    return run.state["topics"]


TopicsDep = Annotated[Topics, TaskDepends(get_topics)]
