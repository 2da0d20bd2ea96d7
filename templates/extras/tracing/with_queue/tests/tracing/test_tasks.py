"""Spans of tasks."""

import pytest
from fastapi import FastAPI
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from opentelemetry.trace import get_tracer

from app.core.logging import get_logger
from app.lifespan import lifespan
from app.queue.in_process import run_in_process
from app.queue.spans import traced
from tests.receiver import receive
from tests.tracing.spans import spans_of, tracing_to
from tests.waiting import until


async def test_a_task_is_in_the_trace_of_what_enqueued_it() -> None:
    with receive() as receiver:
        async with lifespan(tracing_to(receiver), run_in_process)(FastAPI()) as state:
            queue = state["queue"]
            with get_tracer(__name__).start_as_current_span("caller"):
                async with state["database"].session() as session:
                    enqueued = await queue.enqueue(session, "greet", {"name": "Ann"})

            async def is_finished() -> bool:
                return (await queue.get(enqueued.task_id)).finished_at is not None

            assert await until(is_finished)

    spans = spans_of(receiver)
    assert spans["greet"].trace_id == spans["caller"].trace_id
    assert spans["greet"].parent_span_id == spans["caller"].span_id


async def test_log_lines_name_the_trace_and_spans_no_errors(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with receive() as receiver:
        async with lifespan(tracing_to(receiver))(FastAPI()):
            with pytest.raises(RuntimeError), traced("fail", None):
                get_logger("app.tasks").warning("inside")
                raise RuntimeError("a secret")
            get_logger("app.tasks").warning("outside")

    span = spans_of(receiver)["fail"]
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert "a secret" not in str(span)
    inside, outside = (text for text in caplog.messages if "app.tasks" in text)
    assert span.trace_id.hex() in inside
    assert "trace_id" not in outside
