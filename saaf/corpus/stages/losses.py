"""The stage that counts losses: which languages and hosts lose most of their documents at one step of the build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saaf.cleaning.text.language_codes import is_wanted
from saaf.corpus.ledger import LossError, State
from saaf.corpus.report.group_sums import GroupSums, first_rows
from saaf.corpus.stages.partition_rows import PartitionRows
from saaf.corpus.stages.row_output import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saaf.corpus.settings import BuildSettings
    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.publish import Decided
    from saaf.corpus.stages.tasks import Result, Task

LEAST_DOCUMENTS = 50
"""Documents from which the share that a language or host loses says something."""
LARGE_SHARE = 0.9
"""Share of lost documents from which a build names a language or host, whatever its settings."""

STEPS: tuple[tuple[str, tuple[State, ...], tuple[State, ...]], ...] = (
    ("reading", (State.UNREADABLE, State.OVER_BUDGET), (State.UNREADABLE, State.OVER_BUDGET)),
    ("filtering", (State.EMPTY, State.TOO_SHORT), ()),
    ("the quality filter", (State.LOW_QUALITY,), ()),
    ("the search for near-duplicates", (State.DUPLICATE, State.CONTAINED), ()),
)
"""The steps at which documents are lost: the name of each, the states of what it takes, and which of these are of
inputs that became no document.

What a user asked to leave out is no loss: other languages, what reserves rights, older captures of a URL.
"""

_PASSED = (State.KEPT, State.DUPLICATE, State.CONTAINED)
_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LossArguments:
    """The arguments of the stage: the tasks by which the fate of each document is known, and the settings."""

    decided: Decided
    settings: BuildSettings


def loss_task(task: Task, _guard: PageGuard) -> Result:
    """Return the languages and hosts that lost more than the settings allow, or nearly all, at one step; worst first.

    "losses" has at most ten of them: step, kind ("language" or "host"), name, lost documents, documents, and whether
    that is more than is allowed.
    """
    arguments: LossArguments = task.arguments
    settings = arguments.settings
    least = min(settings.max_lost, LARGE_SHARE)
    tables = list(_states(arguments.decided, settings))
    losses: list[dict[str, Any]] = []
    for place, (name, taken, unread) in enumerate(STEPS):
        later = [state for step in STEPS[place:] for state in step[1]]
        seen = [*_PASSED, *later] if not unread else [*State]
        for kind in ("language", "host"):
            sums = GroupSums(["group"], ["lost", "documents"])
            for table in tables:
                sums.add(_counts(table, kind, taken, seen))
            losses.extend({"step": name, "kind": kind, **row} for row in _worst(sums, least))
    for loss in losses:
        loss["allowed"] = loss["lost"] <= settings.max_lost * loss["documents"]
    losses.sort(key=lambda loss: (loss["allowed"], -loss["lost"], loss["step"], loss["kind"], loss["group"]))
    return {"losses": losses[:_SHOWN]}


def _states(decided: Decided, settings: BuildSettings) -> Iterator[pa.Table]:
    """Yield language, host and state of all documents in wanted languages, and of failures."""
    rows = PartitionRows(decided.rows).summaries(["language", "script", "site"])
    states = [State.KEPT.value] * rows.num_rows
    outcomes = decided.outcomes()
    for number, state in zip(outcomes["number"].to_pylist(), outcomes["state"].to_pylist(), strict=True):
        states[number] = state
    table = pa.table({"language": rows["language"], "host": rows["site"], "state": pa.array(states, pa.string())})
    if settings.languages:
        pairs = zip(rows["language"].to_pylist(), rows["script"].to_pylist(), strict=True)
        table = table.filter(pa.array([is_wanted(*pair, settings.languages) for pair in pairs], pa.bool_()))
    yield table
    for task in decided.rows:
        failures = pq.read_table(task.path(FAILURES), columns=["language", "site", "state"])
        languages = failures["language"].cast(pa.string()).fill_null("")
        yield pa.table({"language": languages, "host": failures["site"], "state": failures["state"]})


def _counts(table: pa.Table, kind: str, taken: Sequence[State], seen: Sequence[State]) -> pa.Table:
    """Return for each row its group, whether the step took it, and whether the step saw it."""
    lost = pc.is_in(table["state"], pa.array([state.value for state in taken]))
    documents = pc.is_in(table["state"], pa.array([state.value for state in seen if state not in _NO_DOCUMENTS]))
    chosen = pa.table({"group": table[kind], "lost": pc.cast(lost, "int64"), "documents": pc.cast(documents, "int64")})
    return chosen.filter(pc.and_(documents, pc.not_equal(chosen["group"], "")))


_NO_DOCUMENTS = frozenset(State) - {
    *_PASSED, State.REPEATED, State.TOO_SHORT, State.WRONG_LANGUAGE, State.EMPTY, State.UNREADABLE, State.OVER_BUDGET,
    State.RIGHTS_RESERVED, State.LOW_QUALITY, State.NO_OWN_CONTENT,
}  # fmt: skip


def _worst(sums: GroupSums, least: float) -> list[dict[str, Any]]:
    """Return the groups that lost more than a share, those with most documents lost first."""
    tables = []
    for table in sums.tables():
        share = pc.divide(pc.cast(table["lost"], "float64"), pc.cast(table["documents"], "float64"))
        many = pc.greater_equal(table["documents"], LEAST_DOCUMENTS)
        tables.append(table.filter(pc.and_(many, pc.greater(share, least))))
    found = first_rows(tables, [("lost", "descending"), ("group", "ascending")], _SHOWN)
    return found.to_pylist() if found is not None else []


def loss_line(loss: dict[str, Any]) -> str:
    """Return a loss in words.

    >>> loss_line({"kind": "language", "group": "hi", "lost": 95, "documents": 100, "step": "filtering"})
    'the language hi lost 95 of 100 documents in filtering'
    """
    counts = f"{loss['lost']} of {loss['documents']} documents"
    return f"the {loss['kind']} {loss['group']} lost {counts} in {loss['step']}"


def check_losses(losses: Sequence[dict[str, Any]], max_lost: float) -> None:
    """Raise `LossError` where one of the losses is not allowed."""
    over = [loss_line(loss) for loss in losses if not loss["allowed"]]
    if over:
        more = f", and {len(over) - 3} more" if len(over) > 3 else ""
        raise LossError(
            f"{'; '.join(over[:3])}{more}, and --max-lost allows a share of {max_lost:g}; nothing is published. The "
            "work is kept: give the same command a larger --max-lost to publish it as it is, or change what takes the "
            "documents"
        )
