"""The columns of the tables among the inputs, said in words before a build begins: which are read as what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.cleaning.text.control_characters import mend_surrogates
from saaf.corpus.columns import ColumnPlan
from saaf.corpus.file_readers import file_columns
from saaf.corpus.input_paths import RemotePath
from saaf.corpus.readers import read_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saaf.corpus.records import Partition, ReadOptions

MOST_FILES = 200
"""The most files that are looked into; a data set has the same columns in all."""
_MOST_REMOTE = 20


def column_plans(partitions: Iterable[Partition], options: ReadOptions) -> dict[str, list[str]]:
    """Return the plans of the tables among the inputs, in words, each with the names of the files that have it.

    Rows of JSON have a plan each; that of the first counts. Looks into `MOST_FILES` files at most, 20 remote ones.
    """
    plans: dict[str, list[str]] = {}
    local = remote = 0
    for part in (part for partition in partitions for part in partition.parts if not part.start and not part.failure):
        is_remote = isinstance(part.path, RemotePath)
        if part.listing is not None or (remote >= _MOST_REMOTE if is_remote else local >= MOST_FILES):
            continue
        try:
            plan = file_columns(part, options)
        except read_errors():
            continue  # the task that reads it says what is wrong
        if isinstance(plan, ColumnPlan):
            local, remote = local + (not is_remote), remote + is_remote
            plans.setdefault(mend_surrogates(str(plan)), []).append(part.name)
    return plans


def plan_lines(plans: dict[str, list[str]]) -> list[str]:
    """Return a line for each plan: the first file that has it, how many more have it, and what is read as what."""
    lines = []
    for plan, names in plans.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        lines.append(f"{names[0]}{more}: {plan}")
    return lines
