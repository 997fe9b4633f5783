"""The commands: their options, and what each hands to whom. Exit status 0, 1 (a file failed), 2 (usage), 130."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from .. import __version__
from ..errors import ConfigurationError, InstructorError
from ..fetch import MediaPolicy
from . import providers as providing
from . import terminal
from .extract import Job, client_for, plans
from .extract import extract as extracting
from .formats import Format, of_name, text
from .inspect import inspect as inspecting
from .inspect import show as show_findings
from .report import Done, Failed, Report, opened, pretty, progress, tree
from .sources import Source, expand
from .targets import resolve

app = typer.Typer(
    help="Pictures, recordings, PDFs and text in; validated objects out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

FORMATS = (Format.JSON, Format.JSONL, Format.CSV)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"instructor-multimodal {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Pictures, recordings, PDFs and text in; validated objects out."""


Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE", help="Paths, patterns such as '*.png', http(s) addresses, or - for standard input."),
]
Private = Annotated[bool, typer.Option("--allow-private-hosts", help="Fetch from addresses in private networks too.")]
Debug = Annotated[bool, typer.Option("--debug", help="Raise the first error with its traceback.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.command()
def extract(
    files: Files,
    into: Annotated[
        str,
        typer.Option(
            metavar="PLACE:TYPE",
            help="What comes out: package.module:Model, models.py:Model or models.py:'list[Model]'.",
        ),
    ],
    model: Annotated[
        str, typer.Option(metavar="PROVIDER/NAME", help="Who reads. The default reads here, without a model or a key.")
    ] = "embedded",
    prompt: Annotated[str | None, typer.Option(metavar="TEXT", help="Words to send with each file.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One object for one file, an array of file and result for several.")
    ] = False,
    as_jsonl: Annotated[
        bool, typer.Option("--jsonl", help="A line of JSON for each file. The default in a pipe.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="A table; nested fields are dotted, lists take a row an item.")
    ] = False,
    only_plan: Annotated[bool, typer.Option("--plan", help="Show what would be sent, and send nothing.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="How many files at a time.")] = 4,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there; .json and .csv choose the format."),
    ] = None,
    max_retries: Annotated[
        int, typer.Option(min=0, metavar="N", help="How often to ask again when an answer does not validate.")
    ] = 2,
    timeout: Annotated[
        float | None, typer.Option(min=0.001, metavar="S", help="Seconds for one file, all attempts.")
    ] = None,
    private: Private = False,
    debug: Debug = False,
) -> None:
    """Read files into typed objects.

    Results go to standard output in the order of the files, errors to standard error. The exit status is 1 if a
    file failed, 2 if the command cannot be run.
    """
    with terminal.reported(debug):
        format = chosen(dict(zip(FORMATS, (as_json, as_jsonl, as_csv), strict=True)), output)
        if only_plan and format is Format.CSV:
            raise ConfigurationError("--plan is no table: leave --csv out")
        policy = MediaPolicy(allow_private_hosts=private)
        job = Job(resolve(into), model, prompt, max_retries, timeout, concurrency, policy)
        status = (_plan if only_plan else _extract)(job, expand(files), format, output, debug)
    raise typer.Exit(status)


def _extract(job: Job, sources: Sequence[Source], format: Format, output: Path | None, debug: bool) -> int:
    errors, client = terminal.err(), client_for(job)
    with opened(output, sources) as stream:
        report = Report(format, len(sources) == 1, stream, errors, pretty, debug)
        with progress(len(sources), errors) as tick:
            asyncio.run(extracting(job, client, sources, report, tick))
        return report.end()


def _plan(job: Job, sources: Sequence[Source], format: Format, output: Path | None, debug: bool) -> int:
    found = list(plans(job, sources))
    with opened(output, sources) as stream:
        report = Report(format, len(sources) == 1, stream, terminal.err(), tree, debug)
        for outcome in found:
            report.add(outcome)
        return report.end()


def chosen(asked: dict[Format, bool], output: Path | None) -> Format:
    """The format: the one asked for, else the output file's, else for people in a terminal and lines in a pipe.

    Raises:
        ConfigurationError: more than one is asked for.
    """
    wanted = [format for format, yes in asked.items() if yes]
    if len(wanted) > 1:
        raise ConfigurationError(f"{' and '.join(f'--{format}' for format in wanted)} exclude each other")
    if wanted:
        return wanted[0]
    if output is not None:
        return of_name(output)
    return Format.PRETTY if terminal.attended(sys.stdout) else Format.JSONL


@app.command()
def inspect(files: Files, as_json: Json = False, private: Private = False, debug: Debug = False) -> None:
    """Say what files are: kind and type by content, size, pixels, pages or duration, and who takes them as they are.

    Nothing is sent anywhere; an address is fetched.
    """
    with terminal.reported(debug):
        sources, policy = expand(files), MediaPolicy(allow_private_hosts=private)
        format = Format.JSON if as_json else Format.PRETTY
        with opened(None) as stream:
            show: Callable[[Done, Console], None] = show_findings
            report = Report(format, len(sources) == 1, stream, terminal.err(), show, debug)
            for source in sources:
                report.add(_inspected(source, policy, as_json))
            status = report.end()
    raise typer.Exit(status)


def _inspected(source: Source, policy: MediaPolicy, as_json: bool) -> Done | Failed:
    try:
        found = asyncio.run(inspecting(source, policy))
    except InstructorError as error:
        return Failed(source.label, error)
    return Done(source.label, found.shown() if as_json else found)


@app.command()
def providers(as_json: Json = False) -> None:
    """List the providers: whether each can be used here and what is missing, and the media it takes."""
    found = providing.all_facts()
    if as_json:
        rows: list[dict[str, Any]] = [each.shown() for each in found]
        terminal.write(text(Format.JSON, [("", rows)], single=True))
    else:
        providing.show(found, terminal.out())
