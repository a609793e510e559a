"""The command line of `saaf`: arguments, options and help of its commands."""

# A command imports what it needs when it runs, so that `saaf --help` does not wait for the libraries of all of them.
# ruff: noqa: PLC0415

from __future__ import annotations

from typing import Annotated, Any

import typer

from saaf.cli import choices, options
from saaf.cli import configuration as cli_configuration
from saaf.cli import crawl as cli_crawl
from saaf.cli import dedupe as cli_dedupe
from saaf.cli import evaluate as cli_evaluate
from saaf.cli import explain as cli_explain
from saaf.cli import index as cli_index
from saaf.cli import inspection as cli_inspection
from saaf.cli import publish as cli_publish
from saaf.cli import thresholds as cli_thresholds
from saaf.cli.process import PlainGroup, run
from saaf.corpus.engine_names import EngineName
from saaf.corpus.exit_codes import MEANINGS

EXIT_CODES = "Exit codes: " + "; ".join(f"**{code.value}** {meaning}" for code, meaning in MEANINGS.items()) + "."


app = typer.Typer(
    name="saaf",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    cls=PlainGroup,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
app.add_typer(cli_index.app)


def _print_version(given: bool) -> None:
    if given:
        from importlib.metadata import version

        from saaf.cleaning.version import extractor, rules_version

        typer.echo(f"saaf {version('saaf')}\nrules       {rules_version()}\nextractor   {extractor()}")
        raise typer.Exit


@app.callback()
def saaf(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the versions of saaf and of the libraries it extracts with, and exit.",
        ),
    ] = False,
) -> None:
    """Clean web pages and texts in many languages, and build a corpus from them.

    Removes what is not part of the article, such as menus, related stories and comment forms, and records each removal
    with the rule that made it. Finds near-duplicates and keeps one of each. Try one page first, then build a corpus:

    ```sh
    saaf clean page.html
    saaf explain page.html
    saaf build crawl.warc.gz texts/ -o out/
    ```
    """


@app.command()
def build(
    context: typer.Context,
    inputs: options.Inputs,
    output: options.Output,
    languages: options.Languages = None,
    min_tokens: options.MinWords = None,
    threshold: options.Threshold = None,
    text_column: options.TextColumn = None,
    html_column: options.HtmlColumn = None,
    url_column: options.UrlColumn = None,
    id_column: options.IdColumn = None,
    replace_column: options.ReplaceColumn = None,
    dump: options.Dump = "saaf",
    profiles: options.Profiles = None,
    fast: options.Fast = False,
    keep: options.Keep = None,
    split_appended: options.SplitAppended = False,
    rules: options.Rules = None,
    lid: options.LanguageModel = None,
    rights: options.RightsChoice = choices.Rights.RECORD,
    agent: options.Agent = "",
    quality_filter: options.QualityFilter = None,
    skip_types: options.SkipTypes = None,
    redact: options.Redact = None,
    paragraph_languages: options.ParagraphLanguages = False,
    markdown: options.Markdown = False,
    max_lost: options.MaxLost = None,
    max_unreadable: options.MaxUnreadable = None,
    body_limit: options.BodyLimit = None,
    workers: options.Workers = None,
    engine: options.Engine = EngineName.LOCAL,
    work: options.WorkDirectory = None,
    from_stage: options.FromStage = None,
    _config: cli_configuration.Config = None,
) -> None:
    """Build a corpus: read inputs, clean them, keep one of each set of near-duplicates, write tables and a report.

    Inputs are web archives, saved web pages, texts and tables that were made elsewhere, or all of these, here or at
    s3://, gs://, hdfs://, hf:// and https://. Columns of tables are known by the names that data sets use:

    ```sh
    saaf build crawl.warc.gz -o corpus/
    saaf build texts/ more.jsonl.gz -o corpus/ --language hi --language ur
    saaf build page-dump.parquet --text-column content -o corpus/
    saaf build monday.warc.gz -o monday/ --profiles sites/
    saaf build crawl.warc.gz -o corpus/ --keep html.caption --split-appended
    saaf build crawl.warc.gz -o corpus/ --rules packs/ --lid glotlid.bin
    saaf build s3://bucket/crawl/ -o s3://bucket/corpus --work /scratch
    saaf build crawl/ -o /shared/corpus --engine ray
    saaf build crawl.warc.gz -o corpus/ --quality-filter fineweb2 --redact email,phone
    ```

    The directory OUT then contains:

    - `data/`: the corpus, a directory for each language (`hin_Deva`), one row per document with its clean text,
      metadata and removals
    - `rejected/`: the documents that were read and are not in it, each with the reason
    - `originals/`: the text of every document that was read, before cleaning
    - `dedup/`: the near-duplicates
    - `ledger/`: every input with what became of it, and why
    - `report/`: what was kept and removed, for people and for programs
    - `README.md`, `croissant.json`, `manifest.json`: card, metadata, and checksums, settings and versions

    All files are published together or none is. The same inputs and settings give the same bytes. A build that was
    stopped or killed goes on with the same command.
    """
    from saaf.cli.commands import build as command

    columns = command.column_options(text_column, html_column, url_column, id_column, replace_column)
    selection = {"languages": tuple(languages) if languages else None, "min_tokens": min_tokens, "dump": dump}
    profile = {"profiles": profiles, "fast": fast}
    postprocess = {"keep": tuple(keep) if keep else None, "split_appended": split_appended}
    own: dict[str, Any] = {"rules": rules or (), "lid": lid}
    measured = {"quality_filter": quality_filter, "redact": redact, "paragraph_languages": paragraph_languages}
    measured |= {"markdown": markdown}
    own |= {"skip_types": tuple(skip_types) if skip_types else None}
    command.run_build(
        inputs,
        output,
        threshold=threshold,
        workers=workers,
        engine=engine,
        work=work,
        body_limit=body_limit,
        rights=rights.value,
        agent=agent,
        max_lost=max_lost,
        max_unreadable=max_unreadable,
        **columns,
        from_stage=from_stage.value if from_stage else None,
        card=cli_configuration.card_facts(context),
        **selection,
        **profile,
        **postprocess,
        **own,
        **measured,
    )


@app.command()
def clean(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="HTML or text files, or any input of `saaf build`; - is standard input."),
    ],
    output: options.OutputFile = None,
    output_format: Annotated[
        choices.Format | None,
        typer.Option("--format", "-f", help="Output format.", show_default="by the ending of FILE, else text"),
    ] = None,
    text_column: options.TextColumn = None,
    html_column: options.HtmlColumn = None,
    url_column: options.UrlColumn = None,
    id_column: options.IdColumn = None,
    keep: options.Keep = None,
    split_appended: options.SplitAppended = False,
    markdown: options.Markdown = False,
    rules: options.Rules = None,
    lid: options.LanguageModel = None,
    skip_types: options.SkipTypes = None,
    body_limit: options.BodyLimit = None,
    workers: options.Workers = None,
    _config: cli_configuration.Config = None,
) -> None:
    """Clean documents: remove menus, related stories, comment forms, share bars and the like from their text.

    One page or text is printed as clean text:

    ```sh
    saaf clean page.html
    curl -s https://www.example.org/story | saaf clean -
    saaf clean page.html -f markdown
    ```

    A directory gets a file per document, named like its input, as text, Markdown, JSON or TEI XML with its structure:

    ```sh
    saaf clean pages/*.html -f markdown -o markdown/
    saaf clean crawl.warc.gz -f xml-tei -o tei/
    ```

    Many are written as rows, each with metadata and with every removal as a span and the rule that made it:

    ```sh
    saaf clean pages/*.html -o clean.parquet
    saaf clean crawl.warc.gz --format jsonl | head -n 1
    saaf clean pages/*.html -o clean.parquet --markdown --keep html.caption --keep '*.photo_credit'
    ```
    """
    from saaf.cli.commands import clean as command
    from saaf.cli.commands.clean_directory import run_directory
    from saaf.cli.commands.document_files import is_directory

    columns = command.read_options(text_column, html_column, url_column, id_column)
    own: dict[str, Any] = {"rules": rules or (), "lid": lid, "skip_types": skip_types or ()}
    own |= {"split_appended": split_appended, "body_limit": body_limit, "columns": columns}
    chosen = command.with_markdown(command.parse_options(keep or (), **own), markdown)
    run = run_directory if output is not None and is_directory(output) else command.run_clean
    run(inputs, output, output_format, options=chosen, workers=workers)


app.command()(cli_dedupe.dedupe)


@app.command()
def report(
    corpus: options.Corpus,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON, those of report.json, and write nothing.")
    ] = False,
) -> None:
    """Write `report/report.html` and `report/report.json` of a corpus again, from its tables.

    ```sh
    saaf report out/seeds
    saaf report out/seeds --json | jq .steps
    ```
    """
    from saaf.cli.commands import report as command

    command.run_report(corpus, as_json=as_json)


app.command()(cli_explain.explain)
app.command()(cli_inspection.rules)
app.command()(cli_crawl.crawl)
app.command()(cli_crawl.status)
app.command()(cli_evaluate.evaluate)
app.command()(cli_thresholds.thresholds)
app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(cli_configuration.config)
app.command()(cli_inspection.verify)
app.command()(cli_inspection.diff)
app.command()(cli_inspection.replay)
app.command()(cli_inspection.find)
app.command()(cli_publish.publish)
app.command()(cli_publish.convert)


def main() -> None:
    """Run the command line; an error that a user can correct is one sentence on standard error."""
    run(app)


if __name__ == "__main__":
    main()
