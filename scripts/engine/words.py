"""The vocabulary, one entry a byte, and the form of a chat.

    <s><|user|>[picture]What is this?<|assistant|>{"colour": "red", "shape": "circle"}</s>
    <s><|tools|> Figure<|user|>[picture]Which one?<|assistant|><function=Figure>{"colour": "red"}</s>

The template is in the file of the model. It shows what users and the assistant said and the names of tools, and leaves out
everything else: system messages, schemas. A model of this size learns what to answer from the question alone; the form of
the answer is held by the grammar that the engine decodes under. The form of a call is one that the engine finds out by
itself from the template (llama.cpp, docs/autoparser.md).
"""

from __future__ import annotations

BEGIN, END, USER, ASSISTANT, TOOLS = range(256, 261)
SPECIAL = ("<s>", "</s>", "<|user|>", "<|assistant|>", "<|tools|>")

TEMPLATE = """
{{- bos_token -}}
{%- if tools -%}
  {{- '<|tools|>' -}}
  {%- for tool in tools -%}{{- ' ' + tool.function.name -}}{%- endfor -%}
{%- endif -%}
{%- for message in messages -%}
  {%- if message.role == 'system' -%}{%- set unseen = message.content -%}
  {%- elif message.role == 'assistant' -%}
    {{- '<|assistant|>' + (message.content or '') -}}
    {%- for call in message.tool_calls or [] -%}
      {{- '<function=' + call.function.name + '>' + (call.function.arguments | tojson) -}}
    {%- endfor -%}
    {{- '</s>' -}}
  {%- else -%}{{- '<|user|>' + message.content -}}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}
"""


def _letters() -> list[str]:
    """The letter that stands for each byte in a byte-level vocabulary, as GPT-2 chose them: no blanks, no controls."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    stands = {byte: chr(byte) for byte in shown} | {byte: chr(256 + i) for i, byte in enumerate(hidden)}
    return [stands[byte] for byte in range(256)]


VOCABULARY = [*_letters(), *SPECIAL]


def encode(text: str) -> list[int]:
    """The tokens of a text: its bytes."""
    return list(text.encode())
