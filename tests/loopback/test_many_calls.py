"""Many calls at a time through our own sender, and one client in several event loops."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import BaseModel

import instructor
from instructor.drivers.lanes import WIDTH
from instructor.testing import Loopback

CALLS = WIDTH + 20
ARGUMENTS = json.dumps({"name": "Ada"})
CALL = {"id": "c", "type": "function", "function": {"name": "Name", "arguments": ARGUMENTS}}
MESSAGE = {"role": "assistant", "tool_calls": [CALL]}
ANSWER = json.dumps(
    {"id": "a", "model": "m", "choices": [{"finish_reason": "tool_calls", "message": MESSAGE}]}
).encode()


class Name(BaseModel):
    name: str


class Meeting(ThreadingHTTPServer):
    """Answers nobody before all are there."""

    request_queue_size = CALLS
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Guest)
        self.all = threading.Barrier(CALLS)


class Guest(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Meeting

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.all.wait(30)
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def meeting() -> Iterator[str]:
    with Meeting() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.all.abort()
        server.shutdown()


def test_more_tasks_than_one_pool_has_connections_wait_for_their_answers_together(meeting: str) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini", api_key="k", base_url=meeting, async_client=True)

    async def all_of_them() -> list[Name]:
        return await asyncio.gather(*(client.create(Name, "x", max_retries=0) for _ in range(CALLS)))

    assert asyncio.run(all_of_them()) == [Name(name="Ada")] * CALLS


def test_more_threads_than_one_pool_has_connections_wait_for_their_answers_together(meeting: str) -> None:
    client = instructor.from_provider("openai/gpt-4o-mini", api_key="k", base_url=meeting)
    with ThreadPoolExecutor(CALLS) as threads:
        found = list(threads.map(lambda _: client.create(Name, "x", max_retries=0), range(CALLS)))
    assert found == [Name(name="Ada")] * CALLS
    client.close()


@pytest.mark.parametrize("streaming", [False, True], ids=["create", "partial"])
def test_one_client_serves_one_event_loop_after_the_other(streaming: bool) -> None:
    with Loopback() as server, warnings.catch_warnings():
        warnings.simplefilter("error")  # a connection of a loop that is closed would be reported when it is collected
        client = instructor.from_provider(
            "openai/gpt-4o-mini", api_key="k", base_url=server.openai_url, async_client=True
        )

        async def one() -> Name:
            if not streaming:
                return await client.create(Name, "x")
            seen = [name async for name in client.create_partial(Name, "x")]
            return seen[-1]

        async def several() -> list[Name]:
            return await asyncio.gather(*(one() for _ in range(3)))

        for _ in range(3):
            assert len(asyncio.run(several())) == 3
            gc.collect()
    assert len(server.requests) == 9


def test_places_are_given_back_by_answers_streams_errors_and_cancellation() -> None:
    """A place that is lost would let a later call open another client, and at last have it wait."""
    with Loopback() as server:
        client = instructor.from_provider(
            "openai/gpt-4o-mini", api_key="k", base_url=server.openai_url, async_client=True
        )

        async def ways() -> None:
            await client.create(Name, "x")
            async for _ in client.create_partial(Name, "x"):
                break
            server.fail(400)
            with pytest.raises(instructor.errors.ProviderError):
                await client.create(Name, "x", max_retries=0)
            server.cut()
            await client.create(Name, "x")  # sent again
            server.delay(5)
            task = asyncio.create_task(client.create(Name, "x"))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gc.collect()
            (lane,) = (await client._sender._lanes.get())._lanes
            assert lane.busy == 0

        asyncio.run(ways())


def test_a_stream_that_is_collected_in_the_midst_of_anything_ends_without_a_deadlock() -> None:
    """The collector runs wherever something is made, also in a thread that holds a lock which the end of the stream takes. What
    the answer took so far, which Anthropic tells at its beginning, is counted then."""
    with Loopback() as server:
        client = instructor.from_provider(
            "anthropic/claude-haiku-4-5",
            api_key="k",
            base_url=server.anthropic_url,
            limits=instructor.RateLimits(concurrency=1),
            budget=instructor.Budget(tokens=1_000_000),
        )
        stream = client.create_partial(Name, "x")
        next(stream)
        assert client.limits.under_way == 1

        def collected() -> None:
            with client.usage._lock, client.limits._lock, client._sender._choosing:
                stream.close()

        thread = threading.Thread(target=collected, daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        assert client.limits.under_way == 0
        assert client.usage.snapshot().tokens > 0
        assert client.create(Name, "y", timeout=10), "the place was given back"
        client.close()
