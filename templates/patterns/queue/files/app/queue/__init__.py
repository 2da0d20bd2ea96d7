"""Tasks: enqueued with the writes of a request, run by workers, recorded as rows.

- `queue.py` enqueues tasks for services; `router.py` and `service.py` do it for clients.
- `engine.py` and `engine_worker.py` connect the library that carries and runs them.
- `runner.py` runs each attempt, and records it in the row of `models.py`.
"""
