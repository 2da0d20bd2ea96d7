"""Jobs in the memory of a process, where there is no PostgreSQL."""

from typing import Any, Literal

from procrastinate.testing import InMemoryConnector


class MemoryConnector(InMemoryConnector):
    """The connector of procrastinate for tests, without the log that it keeps for them."""

    async def generic_execute(
        self,
        query: str,
        suffix: Literal["run", "one", "all"],
        **arguments: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        self.queries.clear()
        return await super().generic_execute(query, suffix, **arguments)

    async def finish_job_run(self, job_id: int, status: str, delete_job: bool) -> None:
        await super().finish_job_run(job_id, status, delete_job)
        if delete_job:
            self.events.pop(job_id, None)
