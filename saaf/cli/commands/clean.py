"""`saaf clean`: the clean text of one page, or a row for each of many."""

# Text needs neither Arrow nor a pool of processes: what needs them imports them, so that one page is clean at once.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
import os
import sys
from collections import deque
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.atomic_files import atomic_write
from saaf.cleaning import CleanDocument
from saaf.cleaning.phrases.user_packs import UserPacks, parse_user_packs
from saaf.cleaning.postprocess import apply_options, match_rule_ids
from saaf.cleaning.text.fasttext_file import ModelFile, read_language_model
from saaf.cleaning.text.fasttext_identifier import load_identifier
from saaf.cli.commands import CommandError
from saaf.cli.commands.document_files import SINGLE, STRUCTURED, render
from saaf.cli.commands.inputs import read_records
from saaf.cli.commands.left_out import note_left_out, without_skipped
from saaf.cli.commands.settings import noted_packs
from saaf.cli.terminal import progress
from saaf.corpus.exit_codes import Exit
from saaf.corpus.limits import BODY_LIMIT, MEGABYTE
from saaf.corpus.no_content import parse_skip_types
from saaf.corpus.page_tasks import clean_page
from saaf.corpus.process_limits import Limits, call_in_child
from saaf.corpus.progress import counted
from saaf.corpus.records import ReadOptions
from saaf.corpus.standard_input import STANDARD_INPUT
from saaf.extras import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.cleaning import Page
    from saaf.corpus.ledger import Failure
    from saaf.corpus.records import Record
    from saaf.corpus.settings import Progress

    Cleaned = tuple[Record, CleanDocument]
    Rows = Iterator[tuple[Record, CleanDocument, int]]

_FAILURES_NAMED = 10
SUFFIXES = {
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".txt": "text",
    ".md": "markdown",
    ".json": "json",
    ".xml": "xml-tei",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanOptions:
    """The options of `saaf.cleaning.postprocess.apply_options`, where `keep` are ids of rules; the limit of a body in
    bytes, and `columns`, the names of columns of tables. With
    `structure`, documents have their structure. `skip_types` are the types of pages that are left out.
    """

    keep: frozenset[str] = frozenset()
    split_appended: bool = False
    packs: UserPacks | None = None
    lid: ModelFile | None = None
    body_limit: int = BODY_LIMIT
    structure: bool = False
    skip_types: tuple[str, ...] = ()
    columns: ReadOptions = field(default_factory=ReadOptions)


def read_options(text: str | None, html: str | None, url: str | None, identity: str | None) -> ReadOptions:
    """Return the options of the readers for the names of columns."""
    return ReadOptions(text_column=text, html_column=html, url_column=url, id_column=identity)


def parse_options(
    keep: Sequence[str],
    *,
    split_appended: bool,
    rules: Sequence[Path] = (),
    lid: Path | None = None,
    skip_types: Sequence[str] = (),
    body_limit: int | None,
    columns: ReadOptions,
) -> CleanOptions:
    """Return the options; `keep` are ids or patterns, `body_limit` is in megabytes, None for the default.

    `rules` are directories of language packs, `lid` is the file of a language model, None for none. Raises
    `CommandError` where a pattern names no rule, or one of these cannot be used.
    """
    limit = BODY_LIMIT if body_limit is None else body_limit * MEGABYTE
    try:
        packs = parse_user_packs(noted_packs(rules))
        return CleanOptions(
            keep=match_rule_ids(keep, packs),
            split_appended=split_appended,
            packs=packs if packs.rules or packs.faults else None,
            lid=read_language_model(lid) if lid else None,
            skip_types=parse_skip_types(skip_types),
            body_limit=limit,
            columns=columns,
        )
    except NotInstalledError as error:
        raise CommandError(str(error), Exit.CONFIGURATION) from error
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from error


def with_markdown(options: CleanOptions, markdown: bool) -> CleanOptions:
    """Return the options of rows that have the column `markdown` where `markdown` says so."""
    return replace(options, structure=markdown)


def run_clean(
    names: Sequence[str],
    output_name: str | None,
    output_format: str | None,
    *,
    options: CleanOptions,
    workers: int | None,
) -> None:
    """Clean the inputs; those that cannot be read are named in the error that ends the command.

    `output_name` is that of a file, None is standard output.
    """
    output = None if output_name is None else Path(output_name)
    output_format = output_format or _format_of(output)
    if output_format == "parquet" and output is None:
        raise CommandError("Parquet does not go to standard output: add -o FILE.parquet, or --format jsonl", Exit.USAGE)
    if output_format in SINGLE and options.split_appended:
        raise CommandError(
            "--split-appended makes several documents: add --format jsonl, -o FILE.parquet or -o DIR/", Exit.USAGE
        )
    if output is not None:
        _check_output(names, output)
    failures: list[str] = []
    left_out: list[str] = []
    options, records = read_for(names, output_format, options)
    if output_format in SINGLE:
        records = _single_record(records, names)
        workers = 0  # a pool takes longer to start than one page to clean; see `call_in_child`
    elif workers is None:
        workers = os.cpu_count() or 1
    # One page needs no bar, whose thread would be lost in the process that cleans it.
    bar = progress("cleaning") if workers else nullcontext(lambda _step, _done, _total: None)
    with _output_errors(output), bar as report_progress:
        rows = clean_rows(records, workers, failures, options, left_out)
        _write(_not_emptied(_count(rows, report_progress), output, failures, left_out), output, output_format)
    note_left_out(left_out)
    if failures:
        raise CommandError(
            f"{counted(len(failures), 'input')} could not be read: {'; '.join(failures[:_FAILURES_NAMED])}",
            Exit.INPUT,
        )


def read_for(names: Sequence[str], output_format: str, options: CleanOptions) -> tuple[CleanOptions, Iterator[Record]]:
    """Return the options for an output of a format, and the records of the inputs, read for it."""
    chosen = replace(options, structure=options.structure or output_format in STRUCTURED)
    return chosen, read_records(names, _read_options(chosen, output_format))


def _read_options(options: CleanOptions, output_format: str) -> ReadOptions:
    """Return the options of the readers; text has no columns that could be carried through."""
    chosen = replace(options.columns, body_limit=options.body_limit)
    if output_format in SINGLE:
        return replace(chosen, carry_columns=False)
    from saaf.corpus.schema import DOCUMENTS

    return replace(chosen, corpus_columns=frozenset(DOCUMENTS.names))


@contextmanager
def _output_errors(output: Path | None) -> Iterator[None]:
    """Turn the error of a file that cannot be written into `CommandError`."""
    try:
        yield
    except OSError as error:
        if output is None:
            raise
        raise CommandError(f"{output} cannot be written: {error.strerror or error}", Exit.OUTPUT) from error


def _check_output(names: Sequence[str], output: Path) -> None:
    """Raise `CommandError` where the file `output` is an input, or is no file that can be replaced."""
    if output.exists() and not output.is_file():
        raise CommandError(
            f"{output} is a directory or a device: name a file, or leave -o out and redirect", Exit.OUTPUT
        )
    check_output_path(names, output)


def check_output_path(names: Sequence[str], output: Path) -> None:
    """Raise `CommandError` where what is written, a file or a directory, is an input or lies in one."""
    from saaf.corpus.output_guards import OutputError, check_output_file
    from saaf.corpus.readers import InputError

    try:
        check_output_file([Path(name) for name in names if name != STANDARD_INPUT], output)
    except InputError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    except OutputError as error:
        raise CommandError(str(error), Exit.OUTPUT) from error


def _not_emptied(rows: Rows, output: Path | None, failures: list[str], left_out: list[str]) -> Rows:
    """Return the rows. Raises `CommandError` where there are none and a file with content would be replaced."""
    first = list(islice(rows, 1))
    if not first and output is not None and output.exists() and output.stat().st_size:
        why = "; ".join([*failures, *left_out][:_FAILURES_NAMED]) or "no input"
        raise CommandError(
            f"no document is left ({why}): {output} stays as it was; to replace it by an empty file, delete it first",
            Exit.INPUT,
        )
    return chain(first, rows)


def _format_of(output: Path | None) -> str:
    """Return the format by the ending of the output's name, text for standard output."""
    if output is None:
        return "text"
    if output.suffix not in SUFFIXES:
        endings = ", ".join(list(SUFFIXES)[:-1])
        raise CommandError(
            f"{output}: name it {endings} or .xml, choose a format with --format, or name a directory, {output}/",
            Exit.USAGE,
        )
    return SUFFIXES[output.suffix]


def _single_record(records: Iterator[Record], names: Sequence[str]) -> Iterator[Record]:
    """Return the records where there is at most one. Raises `CommandError` for more: nothing marks where one ends."""
    first = list(islice(records, 2))
    if len(first) > 1:
        raise CommandError(
            f"{', '.join(names)}: the output holds one document, and there are more; name a directory for a file per "
            "document, -o DIR/, or add --format jsonl, or -o FILE.parquet",
            Exit.USAGE,
        )
    return iter(first)


def clean_rows(
    records: Iterator[Record], workers: int, failures: list[str], options: CleanOptions, left_out: list[str]
) -> Rows:
    """Yield each record with each document that the options make of its own, numbered from 0, in order;
    what cannot be read is appended to `failures`, and what is left out by choice to `left_out`.
    """
    rows = _apply_options(_clean_records(records, workers, failures, options), options)
    return without_skipped(rows, options.skip_types, left_out) if options.skip_types else rows


def _clean_records(
    records: Iterator[Record], workers: int, failures: list[str], options: CleanOptions
) -> Iterator[Cleaned]:
    """Yield each record with its clean document, in order; what cannot be read is appended to `failures`."""
    pending: deque[Record] = deque()

    def pages() -> Iterator[Page]:
        for record in records:
            if record.page is None:
                failures.append(_failure_line(record, record.failure))
            else:
                pending.append(record)
                yield record.page

    for result in _clean_pages(pages(), workers, options):
        record = pending.popleft()
        if isinstance(result, CleanDocument):
            yield record, result
        else:
            failures.append(_failure_line(record, result))


def _clean_pages(pages: Iterator[Page], workers: int, options: CleanOptions) -> Iterator[CleanDocument | Failure]:
    """Yield each page's clean document, or its failure, in order; without workers, each in a child of this process."""
    clean = partial(clean_page, body_limit=options.body_limit, structure=options.structure)
    if not workers:
        for page in pages:
            yield call_in_child(partial(clean, page), Limits(), page.url)
        return
    from saaf.corpus.workers import clean_pages

    yield from clean_pages(pages, workers=workers, clean=clean)


def _apply_options(rows: Iterator[Cleaned], options: CleanOptions) -> Rows:
    """Yield each record with each document that the options make of its own, numbered from 0."""
    model = load_identifier(options.lid) if options.lid else None
    for record, clean in rows:
        fetched_at = record.page.fetched_at if record.page else None
        documents = apply_options(
            clean,
            keep=options.keep,
            split_appended=options.split_appended,
            fetched_at=fetched_at,
            packs=options.packs,
            identify=model.identify if model else None,
        )
        yield from ((record, document, part) for part, document in enumerate(documents))


def _failure_line(record: Record, failure: Failure | None) -> str:
    return f"{record.key}: {failure.reason if failure else 'unreadable'}"


def _count(rows: Rows, report_progress: Progress) -> Rows:
    for done, row in enumerate(rows, start=1):
        report_progress("cleaning", done, None)
        yield row


def _write(rows: Rows, output: Path | None, output_format: str) -> None:
    if output_format == "parquet" and output is not None:
        from saaf.corpus.clean_rows import write_clean_rows

        write_clean_rows(output, rows)
        return
    lines = (
        _json(record, document, part) if output_format == "jsonl" else render(document, output_format)
        for record, document, part in rows
    )
    if output is None:
        for line in lines:
            sys.stdout.write(line)
        return
    with atomic_write(output) as partial, partial.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines)


def _json(record: Record, document: CleanDocument, part: int) -> str:
    from saaf.corpus.clean_rows import clean_row
    from saaf.corpus.column_types import text_of
    from saaf.corpus.parquet import replace_surrogates

    row, columns = clean_row(record, document, part)
    return json.dumps({**row, **replace_surrogates(columns)}, ensure_ascii=False, default=text_of) + "\n"
