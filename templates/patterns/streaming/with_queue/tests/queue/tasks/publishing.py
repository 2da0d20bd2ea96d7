"""A task that tells a topic."""

from app.core.queue.task import task
from app.workers.dependencies.topics import TopicsDep


@task()
async def publish(topics: TopicsDep) -> str:
    return await topics.publish("news", "n", {"by": "a task"})
