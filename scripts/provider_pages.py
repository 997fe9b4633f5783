"""Write docs/providers/*.md: the facts of each provider, from its tables; and the matrix of all.

    python scripts/provider_pages.py           write
    python scripts/provider_pages.py --check   exit with 1 if a page is not what the tables say

Between `<!-- facts -->` and `<!-- /facts -->` a page is generated. A provider without a page gets one. `pages()` is what
tests/docs holds the pages against.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import instructor
from instructor.adapter import Accepts, Adapter, Family, Provider, Sum, Whole
from instructor.fit import Limits
from instructor.media import PDF, Audio, Document, Image, Media, Video
from instructor.modes import Mode
from instructor.providers import _registry
from instructor.providers._params import Parameters
from instructor.settle import SUBSTITUTES
from instructor.testing import DIALECTS

PAGES = Path(__file__).parent.parent / "docs" / "providers"
KINDS: tuple[type[Media], ...] = (Image, PDF, Audio, Video, Document)
SOURCES = {"bytes": "content", "id": "file id", "gs": "gs://", "s3": "s3://", "az": "az://"}
ADDRESSES = {"address": "https://example.com/a", "gs://": "gs://bucket/a", "s3://": "s3://bucket/a"}
MODULES = {
    "google": "google.genai",
    "cerebras": "cerebras.cloud.sdk",
    "mistralai": "mistralai.client",
    "botocore": "boto3",
}
BEGIN, END = "<!-- facts -->", "<!-- /facts -->"
NOTICE = "<!-- Generated from the provider's tables: scripts/provider_pages.py. -->"


def pages() -> dict[Path, str]:
    """Every page as the tables say that it is."""
    found = {PAGES / "index.md": index()}
    for name in canonical():
        path = PAGES / f"{name}.md"
        text = path.read_text("utf-8") if path.exists() else template(name)
        found[path] = placed(text, facts(name))
    return found


def canonical() -> list[str]:
    """Names, without those that stand for the same provider as another one."""
    seen: dict[int, str] = {}
    for name in _registry.names():
        adapter = _registry.find(name).adapter
        if id(adapter) not in seen or adapter.name == name:
            seen[id(adapter)] = name
    return sorted(seen.values())


def placed(text: str, facts: str) -> str:
    """A page with its facts in their place; at its end where it has none yet."""
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n## Facts\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{facts}\n{END}{rest.split(END, 1)[1]}"


# ── facts ────────────────────────────────────────────────────────────────────────────────────────


def facts(name: str) -> str:
    """The tables of one provider, in Markdown."""
    provider = _registry.find(name)
    blocks = [NOTICE, connection(name, provider), media(provider), modes(provider), parameters(provider)]
    return "\n\n".join(block for block in blocks if block)


def connection(name: str, provider: Provider) -> str:
    rows = [("name", code(f"{name}/<model>"))]
    endpoint = provider.endpoint
    if endpoint:
        rows.append(("address", address(provider)))
        rows.append(("key", variables(endpoint.key_names) or "none is needed"))
        if endpoint.base_names:
            rows.append(("another address", variables(endpoint.base_names)))
    sdks = [sdk for sdk in (provider.sdk, *provider.also) if sdk]
    if sdks:
        clients = (
            f"{MODULES.get(sdk.package, sdk.package)}.{cls}"
            for sdk in sdks
            for cls in (*sdk.sync_classes, *sdk.async_classes)
        )
        rows.append(("SDK clients", ", ".join(map(code, dict.fromkeys(clients)))))
    rows.append(("streams", "yes" if provider.answer is None else "in one piece"))
    rows.append(("`cache_control`", "sent" if caches(provider) else "not sent: a line in the log says so"))
    rows += wholes(provider.adapter)
    if provider.files:
        rows.append(("uploads", "what is too large to go inline ([uploads](../uploads.md))"))
    return table(("", ""), rows)


def address(provider: Provider) -> str:
    endpoint = provider.endpoint
    if endpoint is None or endpoint.base_url:
        return code(endpoint.base_url) if endpoint else ""
    return "that of the region or project, or `base_url=`" if endpoint.locate else "the caller's: `base_url=`"


def wholes(adapter: Adapter) -> list[tuple[str, str]]:
    """What bounds a request as a whole, for each group of models."""
    rows = [("a request", "; ".join(bounds(adapter.whole)))] if bounds(adapter.whole) else []
    for pattern, whole in adapter.whole.models:
        rows.append((f"a request to {code(escaped(pattern.pattern))}", "; ".join(bounds(whole))))
    return rows


def bounds(whole: Whole) -> list[str]:
    said = [f"{amount('max_bytes', whole.max_body)} of JSON"] if whole.max_body else []
    said += [f"{amount('max_bytes', whole.max_media)} of media once encoded"] if whole.max_media else []
    said += [f"{whole.max_pages:,} pages"] if whole.max_pages else []
    return said + [summed(row) for row in whole.sums]


def summed(row: Sum) -> str:
    kinds = " and ".join(code(kind.__name__) for kind in row.kinds)
    said = [f"{row.most:,}"] if row.most is not None else []
    said += [amount(key, value) for key, value in fields(row)]
    return f"{', '.join(said)} of {kinds}{' in a turn' if row.each_turn else ''}"


def caches(provider: Provider) -> bool:
    return provider.adapter.caches and any(family.caches for family in provider.adapter.families)


def media(provider: Provider) -> str:
    rows = []
    for kind in KINDS:
        row = provider.adapter.media.get(kind)
        rows.append(
            (code(kind.__name__), sources(kind, row), types(row), limits(row)) if row else instead(kind, provider)
        )
    return table(("medium", "from", "types", "limits"), rows)


def instead(kind: type[Media], provider: Provider) -> tuple[str, ...]:
    into = becomes(kind, provider.adapter)
    return (code(kind.__name__), "", "", f"not taken: becomes {into}" if into else "not taken")


def becomes(kind: type[Media], adapter: Adapter) -> str:
    """What is sent in the place of a kind that is not taken."""
    _, wanted = SUBSTITUTES.get(kind, (None, frozenset()))
    if wanted.isdisjoint(adapter.media):
        return ""
    if kind is Video:
        return "frames and sound" if Audio in adapter.media else "frames"
    return "pages" if Image in adapter.media else "text"


def sources(kind: type[Media], row: Accepts) -> str:
    """What is passed on as it is. Of addresses, those that the provider reads."""
    read = [
        word
        for word, url in ADDRESSES.items()
        if any(row.passes_on(kind.from_url(url, media_type=mime)) for mime in sorted(row.limits.mimes))
    ]
    return ", ".join(dict.fromkeys([*read, *(word for key, word in SOURCES.items() if key in row.sources)]))


def types(row: Accepts) -> str:
    return ", ".join(sorted(short(mime) for mime in row.limits.mimes))


def short(mime: str) -> str:
    tail = mime.rpartition("/")[2]
    known = {"wordprocessingml.document": "docx", "spreadsheetml.sheet": "xlsx", "presentationml.presentation": "pptx"}
    long = next((word for end, word in known.items() if tail.endswith(end)), None)
    return long or re.sub(r"^(x-|vnd\.oasis\.opendocument\.|vnd\.)", "", tail)


def limits(row: Accepts) -> str:
    said = [f"{amount(key, value)}" for key, value in fields(row.limits) if key.startswith("max_")]
    if row.limits.max_bytes and row.limits.encoded:
        said[0] += " of base64"
    if not row.limits.animated:
        said.append("one frame")
    if row.crowd:
        more = [amount(key, value) for key, value in fields(row.crowd[1]) if getattr(row.limits, key) != value]
        said.append(f"{', '.join(more)} above {row.crowd[0]} of them")
    if row.most:
        said.append(f"{row.most:,} in a request")
    if row.upload_bytes:
        said.append(f"{amount('max_bytes', row.upload_bytes)} uploaded")
    return "; ".join(said)


def escaped(pattern: str) -> str:
    return pattern.replace("|", "\\|")


def fields(value: Limits | Any) -> Iterator[tuple[str, Any]]:
    for key in type(value).__dataclass_fields__:
        found = getattr(value, key)
        if found is not None and key.startswith("max_"):
            yield key, found


UNITS = {"edge": "px a side", "pixels": "pixels", "patches": "patches", "pages": "pages"}


def amount(key: str, value: float) -> str:
    unit = UNITS.get(key.removeprefix("max_"))
    if unit:
        return f"{value:,.0f} {unit}"
    if key == "max_seconds":
        return f"{value / 3600:g} hours" if value >= 3600 else f"{value / 60:g} minutes"
    if value % 10_000 == 0 or (value + 1) % 10_000 == 0:
        return f"{value / 1_000_000:g} MB"
    size = value / 1024**2
    return f"{size:,.0f} MiB" if size >= 10 or size == int(size) else f"{size:,.2f} MiB"


def modes(provider: Provider) -> str:
    rows = []
    for family in provider.adapter.families:
        best = ", ".join(code(mode.name) + told(family, mode) for mode in family.modes)
        best += "".join(
            f"; no {code(kind.__name__)}" for kind in sorted(family.without, key=lambda kind: kind.__name__)
        )
        pattern = family.pattern.pattern
        rows.append((code(escaped(pattern)) if pattern else "any other" if rows else "any", best))
    return table(("models", "modes, best first"), rows)


def told(family: Family, mode: Mode) -> str:
    words = ["strict"] if family.modes[mode].strict else []
    words += ["not beside tools"] if mode in family.alone else []
    return f" ({', '.join(words)})" if words else ""


def parameters(provider: Provider) -> str:
    module = sys.modules[type(provider.adapter).__module__]
    found = getattr(provider.adapter, "parameters", None) or getattr(module, "PARAMETERS", None)
    if not isinstance(found, Parameters):
        return ""
    own = {name: row if isinstance(row, str) else row[0] for name, row in found.renamed.items()}
    own = {name: to for name, to in own.items() if plain(name) != plain(to)}
    rows = [
        ("sent", ", ".join(map(code, sorted(found.takes))) + (", and whatever else is given" if found.open else ""))
    ]
    rows += (
        [("sent as another", ", ".join(f"{code(name)} → {code(to)}" for name, to in sorted(own.items())))]
        if own
        else []
    )
    rows += [("refused", ", ".join(map(code, sorted(found.refused))))] if found.refused else []
    quirks = getattr(provider.adapter, "quirks", ())
    rows += [("quirk", (quirk.__doc__ or "").split("(")[0].strip().rstrip(".")) for quirk in quirks]
    return table(("parameters", ""), rows)


def plain(name: str) -> str:
    """A name without the marks in which spellings differ: `top_p`, `topP`."""
    return name.replace("_", "").lower()


# ── the matrix, and pages of their own ───────────────────────────────────────────────────────────


def index() -> str:
    rows = []
    for name in canonical():
        adapter = _registry.find(name).adapter
        cells = [cell(kind, adapter) for kind in KINDS]
        best = next(iter(adapter.families[-1].modes)).name
        rows.append((f"[{name}]({name}.md)", *cells, in_all(adapter), code(best)))
    text = (
        "# Providers\n\nWhat each takes, and from where: an address is passed on where the provider reads it, else it is\n"
        "fetched; content is sent inline, or uploaded where it is too large for that. After an arrow stands what a medium\n"
        "becomes that is not taken ([what each conversion loses](../fitting.md)).\n\n"
        f"{NOTICE}\n\n"
    )
    heads = ("provider", *(code(kind.__name__) for kind in KINDS), "a request", "asked by")
    return text + table(heads, rows) + "\n"


def cell(kind: type[Media], adapter: Adapter) -> str:
    row = adapter.media.get(kind)
    if row is not None:
        return sources(kind, row) + (", uploaded" if row.upload_bytes else "")
    into = becomes(kind, adapter)
    return f"→ {into}" if into else ""


def in_all(adapter: Adapter) -> str:
    """What bounds a request, in few words."""
    counts = [f"{row.most:,} of {code(kind.__name__)}" for kind, row in adapter.media.items() if row.most is not None]
    return "; ".join([*counts, *bounds(adapter.whole)])


ADDRESS: Mapping[str, str] = {"writer": "/v1", "groq": "/openai/v1"}
SEE: Mapping[str, str] = {
    "embedded": "It reads media in this process, without a model, a key or a network: [the embedded reader](../embedded.md).",
    "vertexai": "Gemini on Vertex AI, now named Gemini Enterprise Agent Platform: [Google Gemini](gemini.md) tells of both.",
}
"""Providers that another page tells of."""


def template(name: str) -> str:
    """A page for a provider that has none."""
    provider = _registry.find(name)
    if name in SEE:
        return f"# {name}\n\n{SEE[name]}\n"
    if provider.endpoint is None:
        return template_of_sdk(name, provider)
    named = any(dialect.name == name for dialect in DIALECTS)
    base = f'server.url_of("{name}") + "{ADDRESS.get(name, "/v1")}"' if named else "server.openai_url"
    base = "server.anthropic_url" if name == "anthropic" else "server.openai_url" if name == "openai" else base
    maker = maker_of(name)
    sdk = provider.sdk
    own = sdk.package if sdk and sdk.package != "openai" and sdk.package != name else None
    whose = f"the `{own or name}` package" + (", or of OpenAI's" if provider.also else "")
    through = f"\n`{maker}(client)` sends through a client of {whose} that is yours.\n"
    through = "" if maker == "from_openai" and name != "openai" else through
    return f"""# {name}

`from_provider("{name}/…")` sends with our own sender: no SDK is needed.
{through}
```python
from pydantic import BaseModel

import instructor
from instructor.testing import Loopback


class Person(BaseModel):
    name: str
    age: int


with Loopback() as server:  # stands in for the provider; leave base_url and api_key out to ask the real one
    server.reply({{"name": "Jason", "age": 20}})
    client = instructor.from_provider("{name}/{MODELS.get(name, "some-model")}", base_url={base}, api_key="any")
    print(client.create(Person, "Jason is 20 years old."))
    #> name='Jason' age=20
    client.close()
```
"""


MODELS: Mapping[str, str] = {
    "anthropic": "claude-haiku-4-5",
    "openai": "gpt-4o-mini",
    "openai-responses": "gpt-4o-mini",
}


def template_of_sdk(name: str, provider: Provider) -> str:
    """A page for a provider that is reached through its SDK's client alone."""
    sdk = provider.sdk
    assert sdk is not None
    maker = f"from_{sdk.package}"
    return f"""# {name}

It is reached through a client of the `{sdk.package}` package, with its own credentials: `{maker}(client)` knows by the client's
class where it sends to. `from_provider` does not.

<!-- no-run: an account of the cloud is needed -->
```python
import {sdk.package}

import instructor

client = instructor.{maker}({sdk.package}.{sdk.sync_classes[0]}())
```
"""


def maker_of(name: str) -> str:
    maker = f"from_{name.replace('-', '_')}"
    return maker if hasattr(instructor, maker) else "from_openai"


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    return f"`{text}`"


def variables(names: tuple[str, ...]) -> str:
    return " or ".join(map(code, names))


def main(check: bool) -> int:
    wrong = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    for path, text in pages().items() if not check else ():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for path in wrong:
        print(f"{'is not what the tables say' if check else 'written'}: {path.name}")
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
