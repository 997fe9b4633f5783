"""Write docs/providers/*.md: the facts of each provider, from its tables; and the matrix of all.

    python scripts/provider_pages.py           write
    python scripts/provider_pages.py --check   exit with 1 if a page is not what the tables say

Between `<!-- facts -->` and `<!-- /facts -->` a page is generated. A provider without a page gets one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from instructor.adapter import Accepts, Provider
from instructor.fit import Limits
from instructor.media import PDF, Audio, Document, Image, Media, Video
from instructor.providers import _registry
from instructor.providers._params import Parameters
from instructor.testing import DIALECTS

PAGES = Path(__file__).parent.parent / "docs" / "providers"
KINDS: tuple[type[Media], ...] = (Image, PDF, Audio, Video, Document)
SOURCES = {"url": "address", "bytes": "content", "id": "file id", "gs": "gs://", "s3": "s3://", "az": "az://"}
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
        rows.append(("address", code(endpoint.base_url) if endpoint.base_url else "the caller's: `base_url=`"))
        rows.append(("key", variables(endpoint.key_names) or "none is needed"))
        if endpoint.base_names:
            rows.append(("another address", variables(endpoint.base_names)))
    sdks = [sdk for sdk in (provider.sdk, *provider.also) if sdk]
    if sdks:
        clients = (f"{sdk.package}.{cls}" for sdk in sdks for cls in (*sdk.sync_classes, *sdk.async_classes))
        rows.append(("SDK clients", ", ".join(map(code, dict.fromkeys(clients)))))
    rows.append(("streams", "yes" if provider.answer is None else "in one piece"))
    rows.append(("`cache_control`", "sent" if caches(provider) else "not sent: a line in the log says so"))
    whole = getattr(provider.adapter, "whole", None)
    if whole:
        rows += [(f"a request's {key.removeprefix('max_')}", amount(key, value)) for key, value in fields(whole)]
    return table(("", ""), rows)


def caches(provider: Provider) -> bool:
    return provider.adapter.caches and any(family.caches for family in provider.adapter.families)


def media(provider: Provider) -> str:
    rows = []
    for kind in KINDS:
        row = provider.adapter.media.get(kind)
        rows.append((code(kind.__name__), sources(row), types(row), limits(row)) if row else instead(kind, provider))
    return table(("medium", "from", "types", "limits"), rows)


def instead(kind: type[Media], provider: Provider) -> tuple[str, ...]:
    if kind in (PDF, Video) and Image in provider.adapter.media:
        return (code(kind.__name__), "", "", "not taken: becomes pages" if kind is PDF else "not taken: becomes frames")
    return (code(kind.__name__), "", "", "not taken")


def sources(row: Accepts) -> str:
    return ", ".join(word for key, word in SOURCES.items() if key in row.sources)


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
    return "; ".join(said)


def fields(value: Limits | Any) -> Iterator[tuple[str, Any]]:
    for key in type(value).__dataclass_fields__:
        found = getattr(value, key)
        if found is not None and key.startswith("max_"):
            yield key, found


UNITS = {"edge": "px a side", "pixels": "pixels", "patches": "patches", "pages": "pages", "seconds": "s"}


def amount(key: str, value: float) -> str:
    unit = UNITS.get(key.removeprefix("max_"))
    if unit:
        return f"{value:,.0f} {unit}"
    size = value / 1024**2
    return f"{size:,.0f} MiB" if size >= 10 or size == int(size) else f"{size:,.2f} MiB"


def modes(provider: Provider) -> str:
    rows = []
    for family in provider.adapter.families:
        best = ", ".join(
            code(f"{mode.name}") + (" (strict)" if dialect.strict else "") for mode, dialect in family.modes.items()
        )
        pattern = family.pattern.pattern
        rows.append((code(pattern.replace("|", "\\|")) if pattern else "any other" if rows else "any", best))
    return table(("models", "modes, best first"), rows)


def parameters(provider: Provider) -> str:
    module = sys.modules[type(provider.adapter).__module__]
    found = getattr(provider.adapter, "parameters", None) or getattr(module, "PARAMETERS", None)
    if not isinstance(found, Parameters):
        return ""
    own = {name: row if isinstance(row, str) else row[0] for name, row in found.renamed.items()}
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


# ── the matrix, and pages of their own ───────────────────────────────────────────────────────────


def index() -> str:
    rows = []
    for name in canonical():
        provider = _registry.find(name)
        cells = [sources(row) if (row := provider.adapter.media.get(kind)) else "" for kind in KINDS]
        best = next(iter(provider.adapter.families[-1].modes)).name
        rows.append((f"[{name}]({name}.md)", *cells, code(best)))
    text = (
        "# Providers\n\nWhat each takes, and from where: an address is passed on where the provider reads it, else it is\n"
        "fetched; content is sent inline. What is not taken as it is becomes what is ([media](../media.md)).\n\n"
        f"{NOTICE}\n\n"
    )
    heads = ("provider", *(code(kind.__name__) for kind in KINDS), "asked by")
    return text + table(heads, rows) + "\n"


ADDRESS: Mapping[str, str] = {"writer": "/v1", "groq": "/openai/v1"}


def template(name: str) -> str:
    """A page for a provider that has none."""
    provider = _registry.find(name)
    named = any(dialect.name == name for dialect in DIALECTS)
    base = f'server.url_of("{name}") + "{ADDRESS.get(name, "/v1")}"' if named else "server.openai_url"
    sdk = provider.sdk
    maker = f"from_{name.replace('-', '_')}"
    import instructor

    if not hasattr(instructor, maker):
        maker = "from_openai"
    own = sdk.package if sdk and sdk.package != "openai" else None
    whose = f"the `{own}` package, or of OpenAI's" if own else "OpenAI's"
    through = f"\n`{maker}(client)` sends through a client of {whose}, pointed at the address.\n"
    through = "" if maker == "from_openai" else through
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
    client = instructor.from_provider("{name}/some-model", base_url={base}, api_key="any")
    print(client.create(Person, "Jason is 20 years old."))
    #> name='Jason' age=20
    client.close()
```
"""


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
