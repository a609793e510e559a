"""The command line: `saaf build`, `clean`, `dedupe`, `index`, `report`, `explain`, `evaluate` and `rules`."""

# A command imports what it needs when it runs, so that `saaf --help` does not wait for the libraries of all of them.
# ruff: noqa: PLC0415

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from saaf.cli import evaluate as cli_evaluate
from saaf.cli import index as cli_index
from saaf.cli.commands import CommandError
from saaf.cli.options import Dump, Inputs, Keep, SplitAppended, TextColumn, Threshold  # noqa: TC001  (Typer reads them at run time)
from saaf.corpus.exit_codes import MEANINGS, Exit

EXIT_CODES = "Exit codes: " + "; ".join(f"**{code.value}** {meaning}" for code, meaning in MEANINGS.items()) + "."

app = typer.Typer(
    name="saaf",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
app.add_typer(cli_index.app)


class Linkage(StrEnum):
    """What joins documents to a cluster: `dedupe.Linkage`, here without the libraries that it needs."""

    STAR = "star"
    COMPONENTS = "components"


class Format(StrEnum):
    """What `saaf clean` writes."""

    TEXT = "text"
    JSONL = "jsonl"
    PARQUET = "parquet"


Workers = Annotated[
    int | None, typer.Option("--workers", "-j", min=1, help="Worker processes.", show_default="one for each processor")
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="The directory to write to.")]


def _version(asked: bool) -> None:
    if asked:
        from saaf.cleaning import EXTRACTOR

        typer.echo(EXTRACTOR)
        raise typer.Exit


@app.callback()
def saaf(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the versions and leave.")
    ] = False,
) -> None:
    """Clean multilingual web corpora: what is not the article is taken out, with a reason for every character.

    Begin with one page, then build a corpus from many:

    ```sh
    saaf clean page.html
    saaf explain page.html
    saaf build crawl.warc.gz texts/ -o out/
    ```
    """


@app.command()
def build(
    inputs: Inputs,
    output: Output,
    languages: Annotated[
        list[str] | None,
        typer.Option("--language", "-l", metavar="CODE", help="Keep this language only; repeat for more (hi, ur, ar)."),
    ] = None,
    min_tokens: Annotated[
        int | None,
        typer.Option("--min-words", min=0, help="Leave out shorter documents.", show_default="20"),
    ] = None,
    threshold: Threshold = None,
    text_column: TextColumn = "text",
    dump: Dump = "saaf",
    profiles: Annotated[
        Path | None,
        typer.Option(
            "--profiles", metavar="DIR", help="Keep what is learned of each site here, and go by it next time."
        ),
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="Clean pages of templates that --profiles knows by that alone.")
    ] = False,
    keep: Keep = None,
    split_appended: SplitAppended = False,
    workers: Workers = None,
) -> None:
    """Make a corpus: read, clean, find near-duplicates, write Parquet, a ledger and a report.

    A crawl's WARC, text that somebody else extracted, or both:

    ```sh
    saaf build crawl.warc.gz -o corpus/
    saaf build texts/ more.jsonl.gz -o corpus/ --language hi --language ur
    saaf build page-dump.parquet --text-column content -o corpus/
    saaf build monday.warc.gz -o monday/ --profiles sites/
    saaf build crawl.warc.gz -o corpus/ --keep html.caption --split-appended
    ```

    OUT then holds `documents.parquet` (the corpus), `originals.parquet`, `clusters.parquet`, `pairs.parquet`,
    `ledger.parquet` (each input in one state, with a reason), `manifest.json`, `report.html` and `report.json`. All
    files appear together or none does. The same inputs and settings give the same bytes.
    """
    from saaf.cli.commands import build as command

    choices = {"languages": tuple(languages) if languages else None, "min_tokens": min_tokens, "dump": dump}
    learned = {"profiles": profiles, "fast": fast}
    otherwise = {"keep": tuple(keep) if keep else None, "split_appended": split_appended}
    command.run(
        inputs, output, threshold=threshold, text_column=text_column, workers=workers, **choices, **learned, **otherwise
    )


@app.command()
def clean(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="HTML or text files, or what `build` reads; - is standard input."),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write here instead of to standard output.")
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="What to write.", show_default="what FILE's name says, else text"),
    ] = None,
    text_column: TextColumn = "text",
    keep: Keep = None,
    split_appended: SplitAppended = False,
    workers: Workers = None,
) -> None:
    """Clean documents: the text without menus, related stories, comment forms and share bars.

    One page or text gives clean text:

    ```sh
    saaf clean page.html
    curl -s https://www.example.org/story | saaf clean -
    ```

    Many give a row each, with metadata and every removal as a span with its rule:

    ```sh
    saaf clean pages/*.html -o clean.parquet
    saaf clean crawl.warc.gz --format jsonl | head -n 1
    saaf clean pages/*.html -o clean.parquet --keep html.caption --keep '*.photo_credit'
    ```
    """
    from saaf.cli.commands import clean as command

    choices = command.choices(keep or (), split_appended=split_appended)
    command.run(inputs, output, form, choices=choices, text_column=text_column, workers=workers)


@app.command()
def dedupe(
    inputs: Inputs,
    output: Output,
    threshold: Threshold = None,
    text_column: TextColumn = "text",
    dump: Dump = "saaf",
    index: Annotated[
        Path | None,
        typer.Option("--index", metavar="INDEX", help="Compare with this index of older documents, and add these."),
    ] = None,
    paragraphs: Annotated[
        str,
        typer.Option(
            "--paragraphs",
            metavar="CHOICE",
            help="Repeated paragraphs: report, keep-first, or over-hosts=N (take out those on more than N hosts).",
        ),
    ] = "report",
    linkage: Annotated[
        Linkage, typer.Option("--clusters", help="What joins documents: likeness to the one kept, or chains.")
    ] = Linkage.STAR,
) -> None:
    """Find near-duplicates among texts that are clean already, and write one of each.

    Each pair is verified on the texts themselves, and texts that differ in code points only (Urdu ی and Arabic ي,
    composed and decomposed vowel signs) are the same:

    ```sh
    saaf dedupe corpus.parquet -o unique/
    saaf dedupe a.jsonl b.jsonl -o unique/ --text-column body --threshold 0.8
    saaf dedupe new.parquet -o unique/ --index seen/ --dump 2026-12 --paragraphs over-hosts=3
    ```

    OUT then holds what `saaf build` writes: `clusters.parquet` and `pairs.parquet` say who is like whom,
    `documents.parquet` has one of each, `report.html` shows the differences side by side. Beside these,
    `paragraphs.parquet` has the paragraphs that several documents share, and `matches.parquet` the older documents of
    the index that new ones are like.
    """
    from saaf.cli.commands import dedupe as command

    more = {"threshold": threshold, "text_column": text_column, "dump": dump}
    command.run(inputs, output, linkage=linkage, paragraphs=paragraphs, index=index, **more)


@app.command()
def report(
    corpus: Annotated[Path, typer.Argument(metavar="DIR", help="The directory of a corpus.")],
) -> None:
    """Write `report.html` and `report.json` of a corpus again, from its tables.

    ```sh
    saaf report out/seeds
    ```
    """
    from saaf.cli.commands import report as command

    command.run(corpus)


@app.command()
def explain(
    document: Annotated[
        str,
        typer.Argument(metavar="DOC", help="An HTML or text file, - for standard input, or an id or URL in a corpus."),
    ],
    corpus: Annotated[
        Path | None,
        typer.Option(
            "--corpus", "-c", metavar="DIR", help="Where to look.", show_default="this directory and those in out/"
        ),
    ] = None,
    as_lines: Annotated[bool, typer.Option("--json", help="Print JSON: the text and every removal.")] = False,
    features: Annotated[
        bool, typer.Option("--features", help="Show for each block of a file which features carried the decision.")
    ] = False,
) -> None:
    """Show a document with what was removed struck out, and the rule behind each span.

    ```sh
    saaf explain page.html
    saaf explain page.html --features
    saaf explain https://www.example.org/story --corpus out/seeds
    saaf explain 1b2c3d4e5f607182 --json | jq .removals
    ```

    In a pipe, or where NO_COLOR is set, a removal looks like `[-LEAVE A REPLY-]{en.comment_form}`. With
    `--features`, `0.97  +1.8 prose ~5  -0.4 links` above a block says how sure the model is that it is content, and
    what each feature adds to the log-odds.
    """
    from saaf.cli.commands import explain as command

    command.run(document, corpus, as_json=as_lines, features=features)


@app.command()
def rules(
    rule: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show this rule with its examples.")] = None,
    of_language: Annotated[
        str | None, typer.Option("--language", "-l", metavar="CODE", help="The phrase rules of a language.")
    ] = None,
    of_kind: Annotated[
        str | None, typer.Option("--kind", "-k", metavar="KIND", help="The rules of a kind: related, tags, echo.")
    ] = None,
) -> None:
    """List the rules, or show what one removes and what it must keep.

    ```sh
    saaf rules
    saaf rules --language ur
    saaf rules echo.title
    ```
    """
    from saaf.cli.commands import rules as command

    command.run(rule, of_language, of_kind)


app.command()(cli_evaluate.evaluate)


def main() -> None:
    """Run the command line; errors that a user can mend are one sentence on standard error."""
    try:
        _run()
    except CommandError as error:
        _fail(str(error), error.code)
    except (PermissionError, IsADirectoryError, NotADirectoryError, FileNotFoundError) as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), Exit.INPUT)


def _run() -> None:
    """Run the command; a reader of its output that leaves early, as `head` does, ends it in silence."""
    try:
        try:
            app(prog_name="saaf")
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it ends
        sys.exit(Exit.UNREAD)
    except SystemExit as end:  # typer's own answer to a broken pipe is the exit code of a defect
        sys.exit(Exit.UNREAD if isinstance(end.__context__, BrokenPipeError) else end.code)


def _fail(message: str, code: Exit) -> None:
    sys.stderr.write(f"saaf: {message}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
