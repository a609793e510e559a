"""The columns of other people's tables that are carried through: files beside the rows of a partition, by row.

A partition has an Arrow file for each schema of its Parquet and Arrow inputs, and one of JSON texts for rows of JSON
and CSV, whose columns differ from row to row. The build merges the types of all partitions to one schema, which every
file of documents has.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pyarrow as pa

from saaf.cleaning.text.control_characters import mend_surrogates
from saaf.corpus.column_types import merge_columns, text_of, to_array, value_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.corpus.stages.batch_columns import BatchColumns
    from saaf.corpus.stages.tasks import Task, TaskFiles

PLACES, TYPES = "carried.npy", "carried.schema"
OTHERS: Final = "input_columns"
"""The column of the columns beyond the most that there are, as JSON."""
MOST_COLUMNS = 1_000
"""The most columns of rows of JSON; a key that is a value makes one of each row."""
_MOST_FILES = 64  # of a partition that are open together
JSON: Final = pa.schema([("json", pa.string())])
_ROWS, _CHARACTERS = 100, 1 << 22  # that wait as objects, of tables and of JSON


@dataclass(slots=True)
class _File:
    """A file that is being written, and the rows that wait for it."""

    number: int
    schema: pa.Schema
    writer: pa.ipc.RecordBatchFileWriter
    waiting: list[Any] = field(default_factory=list)
    characters: int = 0

    def flush(self) -> None:
        rows, self.waiting, self.characters = self.waiting, [], 0
        if rows and self.schema is JSON:
            self.writer.write_batch(pa.record_batch([pa.array(rows, pa.string())], schema=JSON))
        elif rows:
            arrays = [to_array([row.get(each.name) for row in rows], each.type) for each in self.schema]
            self.writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self.schema))


class CarriedWriter:
    """Writes the carried columns of the rows of a partition, in order; a context manager.

    Nothing is written where no row has any. `is_empty` says so.
    """

    def __init__(self, task: Task | TaskFiles) -> None:
        self._task = task
        self._stack = ExitStack()
        self._files: dict[pa.Schema | None, _File] = {}
        self._kinds: dict[str, pa.DataType] = {}
        self._runs: list[tuple[int, int]] = []  # number of the file, -1 for none; rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack:
            if kind is None and not self.is_empty:
                self._finish()

    @property
    def is_empty(self) -> bool:
        """Whether no row has a column that is carried."""
        return not self._files

    def add(self, values: Mapping[str, object], schema: pa.Schema | None = None) -> None:
        """Add the columns of a row; `schema` has the types of those of a table, as `plain_schema` returns them."""
        if not values:
            self._place(-1, 1)
            return
        if schema is not None and (file := self._file(_with_texts(schema, values))):
            file.waiting.append(values)
            if len(file.waiting) == _ROWS:
                file.flush()
        else:
            file = self._add_json(values)
        self._place(file.number, 1)

    def add_columns(self, columns: BatchColumns, more: Mapping[str, pa.StringArray], count: int) -> None:
        """Add the columns of a batch of so many documents, with `more` columns of texts."""
        if columns.rows is not None:
            texts = {name: values.to_pylist() for name, values in more.items()}
            for place, row in enumerate(columns.rows):
                self.add({**row.carried, **{name: values[place] for name, values in texts.items()}}, row.schema)
            return
        batch = columns.carried
        if more:
            names = [*(batch.schema.names if batch is not None else ()), *more]
            arrays = [
                *(batch.columns if batch is not None else ()),
                *more.values(),
            ]
            batch = pa.RecordBatch.from_arrays(arrays, names=names)
        self._add_batch(batch, count)

    def _add_batch(self, batch: pa.RecordBatch | None, count: int) -> None:
        """Add rows that have the types of `plain_schema`; None where they have no columns."""
        if batch is None or not batch.num_columns:
            self._place(-1, count)
            return
        file = self._file(batch.schema)
        if file is None:
            for row in batch.to_pylist():
                self.add(row)
            return
        file.flush()
        file.writer.write_batch(batch)
        self._place(file.number, count)

    def _add_json(self, values: Mapping[str, object]) -> _File:
        known: dict[str, object] = {}
        for name, value in values.items():
            own = mend_surrogates(name)
            known[own] = value
            if own in self._kinds or len(self._kinds) < MOST_COLUMNS:
                self._kinds[own] = _merged(self._kinds.get(own), value)
            else:
                self._kinds.setdefault(OTHERS, pa.string())
        file = self._json_file()
        text = mend_surrogates(json.dumps(known, ensure_ascii=False, default=text_of))
        file.waiting.append(text)
        file.characters += len(text)
        if file.characters >= _CHARACTERS or len(file.waiting) == _ROWS * 10:
            file.flush()
        return file

    def _file(self, schema: pa.Schema) -> _File | None:
        """Return the file of a schema; None where there are too many."""
        if schema not in self._files:
            if len(self._files) >= _MOST_FILES:
                return None
            self._files[schema] = self._open(schema)
        return self._files[schema]

    def _json_file(self) -> _File:
        if None not in self._files:
            self._files[None] = self._open(JSON)
        return self._files[None]

    def _open(self, schema: pa.Schema) -> _File:
        number = len(self._files)
        sink = self._stack.enter_context(pa.OSFile(str(self._task.path(file_name(number))), "wb"))
        return _File(number=number, schema=schema, writer=self._stack.enter_context(pa.ipc.new_file(sink, schema)))

    def _place(self, file: int, rows: int) -> None:
        if self._runs and self._runs[-1][0] == file:
            self._runs[-1] = (file, self._runs[-1][1] + rows)
        elif rows:
            self._runs.append((file, rows))

    def _finish(self) -> None:
        for file in self._files.values():
            file.flush()
        kinds: dict[str, pa.DataType] = {}
        for schema in self._files:
            own = self._kinds if schema is None else {each.name: each.type for each in schema}
            merge_columns(kinds, own)
        self._task.path(TYPES).write_bytes(pa.schema(list(kinds.items())).serialize().to_pybytes())
        with self._task.path(PLACES).open("wb") as stream:
            np.save(stream, np.array(self._runs, np.int64).reshape(-1, 2))


def _with_texts(schema: pa.Schema, values: Mapping[str, object]) -> pa.Schema:
    """Return the schema with the columns of texts that values have beside it."""
    more = [name for name in values if name not in schema.names]
    return pa.schema([*schema, *((name, pa.string()) for name in more)]) if more else schema


def _merged(kind: pa.DataType | None, value: object) -> pa.DataType:
    """Return the type of a column with one value more; most have a text or a number again."""
    if kind is not None and ((isinstance(value, str) and pa.types.is_string(kind)) or value is None):
        return kind
    kinds = {"": pa.null() if kind is None else kind}
    merge_columns(kinds, {"": value_type(value)})
    return kinds[""]


def file_name(number: int) -> str:
    """Return the name, among the files of a task, of its file with a number."""
    return f"carried-{number}.arrow"
