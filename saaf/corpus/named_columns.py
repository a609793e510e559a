"""Columns that a user names (`--text-column`, say): refused before anything is read where no table has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.corpus.columns import listed_columns
from saaf.corpus.file_readers import table_columns
from saaf.corpus.input_paths import InputError, RemotePath
from saaf.corpus.readers import read_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saaf.corpus.records import Partition, ReadOptions

_MOST_FILES, _MOST_REMOTE = 200, 20  # where there are more, one that has the column may be among the others


def check_named_columns(partitions: Iterable[Partition], options: ReadOptions) -> None:
    """Raise `InputError` where tables are among the inputs, and none of them has a column that `options` names.

    Of rows of JSON the first 1,000 of each file are looked at. Nothing is refused where there are more than 200 files,
    or 20 remote ones: then what is read says which inputs have no such column.
    """
    chosen = {
        "--text-column": options.text_column,
        "--html-column": options.html_column,
        "--url-column": options.url_column,
        "--id-column": options.id_column,
    }
    missing = {option: name for option, name in chosen.items() if name}
    if not missing:
        return
    parts = [part for one in partitions for part in one.parts if not part.start and not part.failure]
    parts = [part for part in parts if part.listing is None]
    remote = sum(isinstance(part.path, RemotePath) for part in parts)
    if len(parts) - remote > _MOST_FILES or remote > _MOST_REMOTE:
        return
    there: dict[str, None] = {}
    for part in parts:
        try:
            names = table_columns(part, options)
        except read_errors():
            continue  # the task that reads it says what is wrong
        there |= dict.fromkeys(names)
        missing = {option: name for option, name in missing.items() if name not in there}
        if not missing:
            return
    if there:
        option, name = next(iter(missing.items()))
        columns = listed_columns(list(there))
        raise InputError(
            f"{option} {name}: no input has that column; there are: {columns}. Nothing was read or written"
        )
