"""The command line of `saaf dedupe`: its arguments, options and help."""

# A command imports what it needs when it runs, as in `saaf.cli.app`.
# ruff: noqa: PLC0415

from __future__ import annotations

import typer

from saaf.cli import choices, options
from saaf.cli import configuration as cli_configuration
from saaf.corpus.engine_names import EngineName

Context = typer.Context


def dedupe(
    context: Context,
    inputs: options.Inputs,
    output: options.Output,
    threshold: options.Threshold = None,
    text_column: options.TextColumn = None,
    html_column: options.HtmlColumn = None,
    url_column: options.UrlColumn = None,
    id_column: options.IdColumn = None,
    replace_column: options.ReplaceColumn = None,
    dump: options.Dump = "saaf",
    index: options.Indexes = None,
    add_to: options.AddTo = None,
    no_add: options.NoAdd = False,
    paragraphs: options.Paragraphs = "report",
    linkage: options.Clusters = choices.Linkage.STAR,
    containment: options.Containment = None,
    contained: options.ContainedChoice = choices.Contained.REPORT,
    metadata: options.Metadata = False,
    max_lost: options.MaxLost = None,
    max_unreadable: options.MaxUnreadable = None,
    body_limit: options.BodyLimit = None,
    workers: options.Workers = None,
    engine: options.Engine = EngineName.LOCAL,
    from_stage: options.FromStage = None,
    _config: cli_configuration.Config = None,
) -> None:
    """Keep one of each set of near-duplicates among texts that are clean already.

    Each pair of similar texts is verified on the texts themselves. Texts that differ only in code points (Urdu ی and
    Arabic ي, composed and decomposed vowel signs) count as the same:

    ```sh
    saaf dedupe corpus.parquet -o unique/
    saaf dedupe a.jsonl b.jsonl -o unique/ --text-column body --threshold 0.8
    saaf dedupe new.parquet -o unique/ --index seen/ --dump 2026-12 --paragraphs over-hosts=3
    saaf dedupe new.parquet -o unique/ --index seen/ --index theirs/ --no-add --dump 2026-12
    saaf dedupe corpus.parquet -o unique/ --containment 0.8 --contained remove
    saaf dedupe corpus.parquet -o unique/ --metadata
    zstdcat fineweb2.jsonl.zst | saaf dedupe - -o unique/
    ```

    The directory OUT then contains the files that `saaf build` writes: `data/` has one of each set of
    near-duplicates, `clusters.parquet` and `pairs.parquet` in `dedup/` name the near-duplicates, the report shows their
    differences side by side. In addition, `paragraphs.parquet` lists the paragraphs that several documents have,
    `contained.parquet` the documents that stand inside longer ones, and where, and `matches.parquet` the older
    documents of the index that new ones are similar to.
    """
    from saaf.cli.commands import dedupe as command

    columns = command.column_options(text_column, html_column, url_column, id_column, replace_column)
    more = {"threshold": threshold, "dump": dump, "body_limit": body_limit, **columns}
    limits = {"max_lost": max_lost, "max_unreadable": max_unreadable, "workers": workers, "engine": engine}
    indexes = command.choose_indexes(index or [], add_to, no_add=no_add)
    command.run_dedupe(
        inputs,
        output,
        linkage=linkage,
        paragraphs=paragraphs,
        containment=containment,
        contained=contained,
        indexes=indexes,
        metadata=metadata,
        from_stage=from_stage.value if from_stage else None,
        card=cli_configuration.card_facts(context),
        **more,
        **limits,
    )
