"""Statistics of a published corpus: counted file by file, in whatever process, and summed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.corpus.corpus_tables import ledger_inputs
from saaf.corpus.publication.layout import DATA, LEDGER, shards, subsets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

COUNTED = ("dump", "language", "language_script", "track", "rights_train", "rights_search", "rights_licence", "licence")
"""The columns whose values are counted by document."""
_READ = (*COUNTED, "text", "site", "date", "removals", "rights_signals", "redactions")
_ROWS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What is counted of the documents of one or several files.

    `file_bytes` is the size of the files, `table_bytes` that of their columns, unpacked; `characters` and `text_bytes`
    are code points and UTF-8 bytes of the texts. `counts` has the documents by value of each column of `COUNTED`, null
    left out. `site_documents` and `site_characters` are by host ("" where there is no URL); `rules` and
    `rule_characters` count removals and what they took out; `signals` the rights signals by source; `personal_data` the
    finds by kind, empty where nobody looked, and `redactions` those that were replaced. `first_date` and `last_date`
    are ISO 8601, None where none is known.
    """

    documents: int = 0
    files: int = 0
    file_bytes: int = 0
    table_bytes: int = 0
    characters: int = 0
    text_bytes: int = 0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    site_documents: Mapping[str, int] = field(default_factory=dict)
    site_characters: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, int] = field(default_factory=dict)
    rule_characters: Mapping[str, int] = field(default_factory=dict)
    signals: Mapping[str, int] = field(default_factory=dict)
    personal_data: Mapping[str, int] = field(default_factory=dict)
    redactions: Mapping[str, int] = field(default_factory=dict)
    first_date: str | None = None
    last_date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusStatistics:
    """The statistics of the documents by subset ("hin_Deva"), and the inputs by state and by state and host."""

    subsets: Mapping[str, Statistics]
    states: Mapping[str, int]

    @property
    def total(self) -> Statistics:
        """The sum over all subsets."""
        return sum_statistics(self.subsets.values())


def file_statistics(path: Path) -> Statistics:
    """Return the statistics of one file of documents. Columns that it lacks are left out."""
    with pq.ParquetFile(path) as file:
        names = [name for name in file.schema_arrow.names if name in _READ or name.startswith("pii_")]
        parts = [_batch_statistics(batch) for batch in file.iter_batches(batch_size=_ROWS, columns=names)]
        metadata = file.metadata
        size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    sizes = Statistics(files=1, file_bytes=path.stat().st_size, table_bytes=size)
    return sum_statistics([sizes, *parts])


def corpus_statistics(corpus: Path, counted: Mapping[str, Statistics] | None = None) -> CorpusStatistics:
    """Return the statistics of a corpus, of one subset after the other.

    `counted` are those that are known already, by the name of the file relative to the corpus: a build counts each
    shard in the process that wrote it.
    """
    known = counted or {}
    by_subset = {
        name: sum_statistics(
            known.get(path.relative_to(corpus).as_posix()) or file_statistics(path)
            for path in shards(corpus / DATA / name)
        )
        for name in subsets(corpus)
    }
    states: Counter[str] = Counter()
    for path in shards(corpus / LEDGER):
        for batch in pq.ParquetFile(path).iter_batches(columns=["state", "rows"]):
            inputs = pa.table({"state": batch["state"], "inputs": ledger_inputs(batch)})
            counts = inputs.group_by("state").aggregate([("inputs", "sum")])
            states.update(dict(zip(counts["state"].to_pylist(), counts["inputs_sum"].to_pylist(), strict=True)))
    return CorpusStatistics(subsets=by_subset, states=dict(sorted(states.items())))


def sum_statistics(parts: Iterable[Statistics]) -> Statistics:
    """Return the sum of statistics, the same in any order."""
    every = list(parts)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for part in every:
        for name, values in part.counts.items():
            counts[name].update(values)
    first = [part.first_date for part in every if part.first_date is not None]
    last = [part.last_date for part in every if part.last_date is not None]
    return Statistics(
        documents=sum(part.documents for part in every),
        files=sum(part.files for part in every),
        file_bytes=sum(part.file_bytes for part in every),
        table_bytes=sum(part.table_bytes for part in every),
        characters=sum(part.characters for part in every),
        text_bytes=sum(part.text_bytes for part in every),
        counts={name: dict(sorted(values.items())) for name, values in sorted(counts.items())},
        site_documents=_sum(part.site_documents for part in every),
        site_characters=_sum(part.site_characters for part in every),
        rules=_sum(part.rules for part in every),
        rule_characters=_sum(part.rule_characters for part in every),
        signals=_sum(part.signals for part in every),
        personal_data=_sum(part.personal_data for part in every),
        redactions=_sum(part.redactions for part in every),
        first_date=min(first, default=None),
        last_date=max(last, default=None),
    )


def _sum(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(sorted(total.items()))


def _batch_statistics(batch: pa.RecordBatch) -> Statistics:
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    text = columns.get("text", pa.array([], pa.string()))
    dates = pc.min_max(_dates(columns.get("date"))).as_py()
    rules, rule_characters = _count_removals(columns.get("removals"))
    site_documents, site_characters = _count_sites(columns)
    sums = {name.removeprefix("pii_"): pc.sum(columns[name]).as_py() for name in _kinds(columns)}
    personal_data = {kind: int(total) for kind, total in sums.items() if total is not None}
    return Statistics(
        documents=batch.num_rows,
        characters=pc.sum(pc.utf8_length(text)).as_py() or 0,
        text_bytes=pc.sum(pc.binary_length(text)).as_py() or 0,
        counts={name: _value_counts(columns[name]) for name in COUNTED if name in columns},
        site_documents=site_documents,
        site_characters=site_characters,
        rules=rules,
        rule_characters=rule_characters,
        signals=_count_signals(columns.get("rights_signals")),
        personal_data=personal_data,
        redactions=_count_redactions(columns.get("redactions")),
        first_date=dates["min"],
        last_date=dates["max"],
    )


def _dates(column: pa.Array | None) -> pa.Array:
    """Return the values that begin as an ISO 8601 date does: a table may have brought others in its own column."""
    if column is None or not pa.types.is_string(column.type):
        return pa.array([], pa.string())
    return column.filter(pc.match_substring_regex(column, r"^\d{4}-\d{2}-\d{2}"))


def _kinds(columns: Mapping[str, pa.Array]) -> Iterator[str]:
    return (name for name, column in columns.items() if name.startswith("pii_") and pa.types.is_integer(column.type))


def _value_counts(column: pa.Array | pa.ChunkedArray) -> dict[str, int]:
    pairs = pc.value_counts(column.drop_null()).to_pylist()
    return {str(pair["values"]): int(pair["counts"]) for pair in pairs}


def _count_removals(column: pa.ListArray | None) -> tuple[dict[str, int], dict[str, int]]:
    """Return the number of removals by rule, and the code points they took out."""
    if column is None:
        return {}, {}
    removals = column.flatten()
    lengths = pc.subtract(pc.struct_field(removals, "end"), pc.struct_field(removals, "start"))
    return _group(pc.struct_field(removals, "rule"), lengths)


def _count_redactions(column: pa.ListArray | None) -> dict[str, int]:
    """Return the number of redactions by kind."""
    if column is None or not pa.types.is_list(column.type) or not pa.types.is_struct(column.type.value_type):
        return {}
    return _value_counts(pc.struct_field(column.flatten(), "kind"))


def _count_sites(columns: Mapping[str, pa.Array]) -> tuple[dict[str, int], dict[str, int]]:
    if "site" not in columns or "text" not in columns:
        return {}, {}
    return _group(pc.fill_null(columns["site"], ""), pc.utf8_length(columns["text"]))


def _group(keys: pa.Array, amounts: pa.Array) -> tuple[dict[str, int], dict[str, int]]:
    """Return the number of rows by key, and the sum of their amounts."""
    table = (
        pa.table({"key": keys, "amount": amounts}).group_by("key").aggregate([("amount", "count"), ("amount", "sum")])
    )
    names = table["key"].to_pylist()
    counts, sums = table["amount_count"].to_pylist(), table["amount_sum"].to_pylist()
    return dict(zip(names, counts, strict=True)), {name: one or 0 for name, one in zip(names, sums, strict=True)}


def _count_signals(column: pa.ListArray | None) -> dict[str, int]:
    """Return the number of rights signals by source, which stands before the colon."""
    if column is None:
        return {}
    sources: Counter[str] = Counter()
    for signal, count in _value_counts(column.flatten()).items():
        sources[signal.partition(":")[0]] += count
    return dict(sources)
