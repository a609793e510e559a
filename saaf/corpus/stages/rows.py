"""The stage that makes rows: each document of a partition, cleaned again with its site's profile, as a row of tables.

It writes the rows with their texts as an Arrow file that is mapped into memory, a summary of each row by which the
later stages decide, the sketches of the texts, and the entries of the ledger for what became no document.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from saaf.cleaning.text.fasttext_identifier import load_identifier
from saaf.corpus.joined_pages import JoinedPart
from saaf.corpus.ledger import Failure, State
from saaf.corpus.row_tables import ROWS, UNMEASURED_ROWS
from saaf.corpus.stages.carried import CarriedWriter
from saaf.corpus.stages.frames import read_body, read_frames
from saaf.corpus.stages.joins import load_joins
from saaf.corpus.stages.page_rows import page_rows
from saaf.corpus.stages.read import FRAMES, BatchHeader
from saaf.corpus.stages.row_output import FAILURES, HISTOGRAMS, ROW_FILE, SUMMARY, RowOutput, failure_entry
from saaf.corpus.stages.site_knowledge import PROFILE_NOT_APPLIED, SiteKnowledge
from saaf.corpus.stages.sketch_files import SketchWriter
from saaf.corpus.stages.superseded import superseded_failure, superseded_urls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.cleaning.types import CleanDocument
    from saaf.corpus.batch_reading import BatchRead
    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.batch_columns import BatchColumns
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.joins import PartitionJoins
    from saaf.corpus.stages.read import RecordHeader
    from saaf.corpus.stages.site_knowledge import PartitionSites
    from saaf.corpus.stages.tasks import Result, Task, TaskFiles
    from saaf.corpus.stated_columns import KeptColumns

_OTHERS = 1 << 40  # numbers, for the guard, of pages of other partitions: more than a partition has records


@dataclass(frozen=True, slots=True, kw_only=True)
class RowArguments:
    """The arguments of the stage.

    `reads` are the read tasks of all partitions, of which this one is number `partition`; `bases` has, for a file that
    was cut, the number of the last record before this part. `sites` knows where the profiles are, None where nothing is
    cleaned; `joins` where the pages of articles are, None where there are none. `kept` are the columns that are kept as
    tables state them. `paragraphs` says whether paragraphs are compared later.
    """

    reads: tuple[TaskFiles, ...]
    partition: int
    bases: Mapping[str, int]
    sites: SiteKnowledge | None
    joins: TaskFiles | None
    settings: BuildSettings
    kept: KeptColumns
    paragraphs: bool = False


def row_task(task: Task, guard: PageGuard) -> Result:
    """Write the rows, summaries and failures of a partition."""
    arguments: RowArguments = task.arguments
    problems: Counter[str] = Counter()
    columns = ROWS if arguments.settings.clean else UNMEASURED_ROWS
    with (
        pa.OSFile(str(task.path(ROW_FILE)), "wb") as sink,
        pa.ipc.new_file(sink, columns) as writer,
        SketchWriter(task, arguments.settings.dedupe, paragraphs=arguments.paragraphs) as sketches,
        CarriedWriter(task) as carried,
    ):
        output = RowOutput(writer, sketches, carried, arguments.kept)
        _add_documents(output, problems, arguments, guard)
        output.flush()
    output.write_summaries(task.path(SUMMARY))
    output.write_failures(task.path(FAILURES))
    task.path(HISTOGRAMS).write_text(json.dumps(output.histograms.to_json()), encoding="utf-8")
    return {
        "rows": output.rows,
        "bytes": output.bytes,
        "articles": output.articles,
        "failures": len(output.failures),
        "unreadable": output.unreadable,
        "first_unreadable": output.first_unreadable,
        "profile_failures": dict(sorted(problems.items())),
    }


def _add_documents(
    output: RowOutput,
    problems: Counter[str],
    arguments: RowArguments,
    guard: PageGuard,
) -> None:
    settings, frames = arguments.settings, arguments.reads[arguments.partition].path(FRAMES)
    sites = arguments.sites.load(arguments.reads, arguments.partition) if arguments.sites else None
    joins = _load_joins(arguments, guard) if arguments.joins else None
    superseded = superseded_urls(arguments.reads[arguments.partition], arguments.reads)
    if settings.lid:
        load_identifier(settings.lid)  # now: a model may be larger than the memory that a page may have
    with frames.open("rb") as stream:
        for number, (header, offset) in enumerate(read_frames(frames), start=1):
            if isinstance(header, BatchHeader):
                _add_batch(output, header, read_body(stream, offset), arguments)
                continue
            key = _key(arguments.bases, header.file_path, header.number)
            if header.failure is not None:
                failure = header.failure
                if header.is_unreadable_page and header.captured in superseded:
                    failure = superseded_failure(failure)
                output.fail(_failure_row(key, header, failure), failure)
                continue
            record, clean = read_body(stream, offset)
            if sites is not None:
                clean, problem = sites.clean_again(clean, offset, guard, number)
                if problem:
                    problems[problem] += 1
                    clean = replace(clean, flags=(*clean.flags, PROFILE_NOT_APPLIED))
            joined = joins.result(offset) if joins is not None else None
            if isinstance(joined, JoinedPart):
                output.failures.append(_joined_row(key, joined))
                continue
            rights = sites.rights if sites is not None else None
            make_rows = partial(page_rows, key, record, joined or clean, settings, rights)
            # The number is another one: a page that can be cleaned may fail here.
            rows = guard.call(-number, make_rows, clean.document.url)
            if isinstance(rows, Failure):
                output.fail(_failure_row(key, header, rows), rows)
            else:
                output.add_page(rows, record.row, settings)


def _load_joins(arguments: RowArguments, guard: PageGuard) -> PartitionJoins:
    """Return the articles of several pages, whose pages of other partitions are cleaned with their site's profile."""
    assert arguments.joins is not None  # noqa: S101
    known: dict[int, PartitionSites] = {}

    def clean_again(partition: int, offset: int, clean: CleanDocument) -> CleanDocument:
        if arguments.sites is None:
            return clean
        if partition not in known:
            known[partition] = arguments.sites.load(arguments.reads, partition)
        again, problem = known[partition].clean_again(clean, offset, guard, _OTHERS + offset)
        return replace(again, flags=(*again.flags, PROFILE_NOT_APPLIED)) if problem else again

    return load_joins(arguments.joins, arguments.reads, arguments.partition, clean_again)


def _joined_row(key: str, part: JoinedPart) -> dict[str, object]:
    """Return the ledger's row of a page that became a part of another one's document."""
    document = part.document
    failure = Failure(state=State.JOINED, reason=part.reason, url=document.url)
    return failure_entry(key, failure) | {"language": document.language.code, "document_id": document.id}


def _key(bases: Mapping[str, int], file_path: str, number: int) -> str:
    """Return the key of an input in the ledger."""
    return f"{file_path}#{bases.get(file_path, 0) + number}" if number else file_path


def _failure_row(key: str, header: RecordHeader, failure: Failure) -> dict[str, object]:
    row = failure_entry(key, failure)
    return row | {"is_revisit": header.is_revisit}


def _add_batch(
    output: RowOutput,
    header: BatchHeader,
    reads: list[tuple[BatchRead, BatchColumns]],
    arguments: RowArguments,
) -> None:
    """Add the rows of a batch that was not cleaned."""
    keys = [_key(arguments.bases, *place) for place in header.places]
    for position, failure in header.failures.items():
        output.fail(failure_entry(keys[position], failure), failure)
    for read, columns in reads:
        if read.rows.num_rows:
            output.add_batch(read, columns, header, keys)
