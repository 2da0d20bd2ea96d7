"""Tasks: enqueued with the writes of a request, run by workers, recorded as rows."""
