"""xAI's chat service over gRPC on this machine: what the SDK's own generated servicer answers with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from xai_sdk.proto import chat_pb2, chat_pb2_grpc, sample_pb2, usage_pb2

SPOKEN = chat_pb2.ROLE_ASSISTANT
STOP, CALLS = sample_pb2.REASON_STOP, sample_pb2.REASON_TOOL_CALLS
USAGE = usage_pb2.SamplingUsage(
    prompt_tokens=11, completion_tokens=7, total_tokens=20, reasoning_tokens=2, cached_prompt_text_tokens=3
)


class Grok(chat_pb2_grpc.ChatServicer):  # type: ignore[misc]
    """Answers with `say`, `calls` or `fails`; keeps the requests."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As new."""
        self.requests: list[Any] = []
        self.metadata: list[dict[str, Any]] = []
        self.say, self.thought, self.finish = "", "", STOP
        self.calls: tuple[tuple[str, str], ...] = ()
        self.fails: tuple[Any, str] | None = None

    def _receive(self, request: Any, context: Any) -> None:
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        if self.fails:
            context.abort(*self.fails)

    def _tool_calls(self) -> list[Any]:
        return [
            chat_pb2.ToolCall(
                id=f"call_{number}",
                type=chat_pb2.TOOL_CALL_TYPE_CLIENT_SIDE_TOOL,
                function=chat_pb2.FunctionCall(name=name, arguments=arguments),
            )
            for number, (name, arguments) in enumerate(self.calls)
        ]

    def GetCompletion(self, request: Any, context: Any) -> Any:
        self._receive(request, context)
        message = chat_pb2.CompletionMessage(
            role=SPOKEN, content=self.say, reasoning_content=self.thought, tool_calls=self._tool_calls()
        )
        output = chat_pb2.CompletionOutput(message=message, finish_reason=CALLS if self.calls else self.finish)
        return chat_pb2.GetChatCompletionResponse(id="r1", model=request.model, outputs=[output], usage=USAGE)

    def GetCompletionChunk(self, request: Any, context: Any) -> Iterator[Any]:
        self._receive(request, context)
        for key, text in (("reasoning_content", self.thought), ("content", self.say)):
            yield from (self._chunk(**{key: text[at : at + 4]}) for at in range(0, len(text), 4))
        yield from (self._chunk(tool_calls=[call]) for call in self._tool_calls())
        yield self._chunk(CALLS if self.calls else self.finish)

    def _chunk(self, finish: Any = sample_pb2.REASON_INVALID, **delta: Any) -> Any:
        output = chat_pb2.CompletionOutputChunk(delta=chat_pb2.Delta(role=SPOKEN, **delta), finish_reason=finish)
        return chat_pb2.GetChatCompletionChunk(id="r1", model="grok", outputs=[output], usage=USAGE)


@contextmanager
def serving() -> Iterator[tuple[Grok, str]]:
    """The service, and its address."""
    grok = Grok()
    server = grpc.server(ThreadPoolExecutor(2))
    chat_pb2_grpc.add_ChatServicer_to_server(grok, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield grok, f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
