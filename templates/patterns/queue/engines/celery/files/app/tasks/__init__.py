"""The tasks of the project, a module each. All modules here are imported at start."""

from celery import Celery

from app.queue.recorded_task import RecordedTask

tasks = Celery("tasks", task_cls=RecordedTask)
tasks.set_default()  # for threads, which have no current application
