"""`saaf diff`: what changed between two corpora, by document, rule, language and host."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saaf.cleaning.spans import rule_reason
from saaf.corpus.corpus_tables import count_rows, iter_batches, opened_corpus, take_rows
from saaf.corpus.file_names import DATA, LEDGER, ORIGINALS
from saaf.corpus.inspection.records import RecordBuckets, Records, hashes, of_kind, partner
from saaf.corpus.inspection.tables import STATES
from saaf.corpus.ledger import PASSED, State
from saaf.corpus.report.group_sums import GroupSums

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.corpus.settings import Progress

EXAMPLES = 10
TOP_HOSTS = 25
"""Hosts that a difference names where nothing else is asked for."""
_OLD, _NEW, _OLD_LEDGER, _NEW_LEDGER = range(4)
_NO_INPUT = "no input"
_USES = (("training", "rights_train"), ("search", "rights_search"))
_RIGHTS = (None, "allowed", "reserved")
_EMPTY = pa.schema(
    [("group", pa.string()), ("state", pa.string()), *((name, pa.int64()) for name in ("old", "new", "change"))]
).empty_table()
_STATE_OF = {number: state for state, number in STATES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A document that differs: `other` is its state in the other corpus ("no input" where that has not read it)."""

    id: str
    url: str | None
    other: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """The code points that a rule removed in the older and in the newer corpus, of all documents that were read."""

    rule: str
    why: str
    old: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The inputs of a group, a language or a host, that ended in a state, in the older and in the newer corpus."""

    group: str
    state: str
    old: int
    new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusDiff:
    """What differs between two corpora.

    `gained`, `lost`, `changed` and `same` count kept documents by id; `changed` ones have another text. `gained_from`
    and `lost_to` count the states of those in the other corpus. `examples` has the first few of each kind, `rules` and
    `languages` all that differ, `hosts` those that differ most, `other_hosts` the sums of the others by state, under
    the group "", and `other_host_count` their number. `rights` counts the documents that both corpora keep
    whose rights for training or search differ, by what changed ("training reserved -> unstated"): `rights_changed` of
    them. `settings` are those that differ, each with both values.
    """

    gained: int
    lost: int
    changed: int
    same: int
    gained_from: dict[str, int]
    lost_to: dict[str, int]
    examples: dict[str, tuple[Example, ...]]
    rules: tuple[RuleChange, ...]
    languages: tuple[StateChange, ...]
    hosts: tuple[StateChange, ...]
    other_host_count: int
    other_hosts: tuple[StateChange, ...]
    rights_changed: int
    rights: dict[str, int]
    settings: dict[str, tuple[Any, Any]]

    def to_json(self) -> dict[str, Any]:
        """Return the differences as values of JSON."""
        return asdict(self)


def diff_corpora(
    old: Path, new: Path, report_progress: Progress | None = None, *, top: int | None = TOP_HOSTS
) -> CorpusDiff:
    """Compare two corpora; `top` is the number of hosts that are named, None for all.

    Documents are known by their ids. The texts of no more than a row group are in memory; 34 bytes of each row wait in
    temporary files. Raises `NotACorpusError` and `DamagedTableError` as `opened_corpus` does.
    """
    report = report_progress or (lambda _step, _done, _total: None)
    with opened_corpus(old) as old_manifest, opened_corpus(new) as new_manifest:
        expected = sum(count_rows(corpus, name) for corpus in (old, new) for name in (DATA, LEDGER))
        with RecordBuckets(expected) as buckets:
            sums = {name: GroupSums([name, "state"], ["old", "new"]) for name in ("language", "site")}
            for corpus, kind in ((old, _OLD), (new, _NEW)):
                report(f"reading {corpus}", kind, 4)
                _read_documents(corpus, kind, buckets)
                _read_ledger(corpus, kind, buckets, sums)
            documents = _compare(old, new, buckets)
        rules = []
        for place, corpus in enumerate((old, new), start=2):
            report(f"reading {corpus}", place, 4)
            rules.append(_removed_characters(corpus))
    hosts, others = _split_groups(_changed(sums["site"]), top)
    return CorpusDiff(
        **documents,
        rules=_rule_changes(*rules),
        languages=_state_changes(_changed(sums["language"])),
        hosts=_state_changes(hosts),
        other_host_count=len(pc.unique(others["group"])),
        other_hosts=_state_changes(_together(others)),
        settings=_setting_changes(old_manifest, new_manifest),
    )


def _read_documents(corpus: Path, kind: int, buckets: RecordBuckets) -> None:
    start = 0
    for batch in iter_batches(corpus, DATA, ["id", "text", *(name for _, name in _USES)]):
        rows = np.arange(start, start + batch.num_rows, dtype=np.uint64)
        texts = hashes(batch["text"].to_pylist()).tolist()
        rights = zip(*(batch[name].to_pylist() for _, name in _USES), strict=True)
        states = [_RIGHTS.index(train) * len(_RIGHTS) + _RIGHTS.index(search) for train, search in rights]
        buckets.add(kind, hashes(batch["id"].to_pylist()), rows, values=texts, states=states)
        start += batch.num_rows


def _read_ledger(corpus: Path, kind: int, buckets: RecordBuckets, sums: dict[str, GroupSums]) -> None:
    """Read states by id, and count inputs by language, host and state."""
    start = 0
    for batch in iter_batches(corpus, LEDGER, ["document_id", "state", "language", "site"]):
        read = pc.indices_nonzero(pc.is_valid(batch["document_id"]))
        rows = read.to_numpy().astype(np.uint64) + np.uint64(start)
        states = [STATES.get(state, 0) for state in batch["state"].take(read).to_pylist()]
        ids = hashes(batch["document_id"].take(read).to_pylist())
        buckets.add(_OLD_LEDGER + kind, ids, rows, states=states)
        start += batch.num_rows
        ones, zeros = pa.repeat(1, batch.num_rows), pa.repeat(0, batch.num_rows)
        counts = {"old": ones if kind == _OLD else zeros, "new": ones if kind == _NEW else zeros}
        for name, group in sums.items():
            values = pc.fill_null(batch[name], "").cast(pa.string())
            group.add(pa.table({name: values, "state": batch["state"].cast(pa.string()), **counts}))


def _compare(old: Path, new: Path, buckets: RecordBuckets) -> dict[str, Any]:
    """Return the differences of the documents."""
    counts: Counter[str] = Counter()
    rights: Counter[tuple[int, int]] = Counter()
    fates: dict[str, Counter[str]] = {"gained": Counter(), "lost": Counter()}
    examples: dict[str, list[Example]] = {"gained": [], "lost": [], "changed": []}
    for records in buckets:
        before, after = of_kind(records, _OLD), of_kind(records, _NEW)
        found, other = partner(after, before)
        changed = found & (other["value"] != after["value"])
        counts.update(changed=int(changed.sum()), same=int((found & ~changed).sum()))
        differ = found & (other["state"] != after["state"])
        rights.update(zip(other["state"][differ].tolist(), after["state"][differ].tolist(), strict=True))
        lost = before[~partner(before, after)[0]]
        _add_fates("gained", new, after[~found], old, of_kind(records, _OLD_LEDGER), fates, examples)
        _add_fates("lost", old, lost, new, of_kind(records, _NEW_LEDGER), fates, examples)
        counts.update(gained=int((~found).sum()), lost=len(lost))
        for record in after[changed][: EXAMPLES - len(examples["changed"])]:
            row = take_rows(new, DATA, [int(record["row"])], ["id", "url"])[0]
            examples["changed"].append(Example(id=row["id"], url=row["url"], other=State.KEPT, reason=""))
    return {
        **{name: counts[name] for name in ("gained", "lost", "changed", "same")},
        "rights_changed": rights.total(),
        "rights": _rights_changes(rights),
        "gained_from": dict(fates["gained"].most_common()),
        "lost_to": dict(fates["lost"].most_common()),
        "examples": {name: tuple(found) for name, found in examples.items()},
    }


def _rights_changes(pairs: Counter[tuple[int, int]]) -> dict[str, int]:
    """Return the number of documents of each change, most first; `pairs` are the rights before and after."""
    changes: Counter[str] = Counter()
    for (old, new), count in pairs.items():
        for (use, _), before, after in zip(_USES, divmod(old, len(_RIGHTS)), divmod(new, len(_RIGHTS)), strict=True):
            if before != after:
                words = [_RIGHTS[place] or "unstated" for place in (before, after)]
                changes[f"{use} {' -> '.join(words)}"] += count
    return dict(sorted(changes.items(), key=lambda item: (-item[1], item[0])))


def _add_fates(
    name: str,
    corpus: Path,
    documents: Records,
    other: Path,
    ledger: Records,
    fates: dict[str, Counter[str]],
    examples: dict[str, list[Example]],
) -> None:
    """Count the states that documents of one corpus have in the ledger of the other one."""
    rank = np.array([0 if _STATE_OF.get(number) in PASSED else 1 for number in range(256)])
    ledger = ledger[np.lexsort((ledger["row"], rank[ledger["state"]], ledger["hash"]))]
    found, entries = partner(documents, ledger)
    for document, known, entry in zip(documents, found.tolist(), entries, strict=True):
        state = _STATE_OF.get(int(entry["state"]), "") if known else _NO_INPUT
        fates[name][state] += 1
        if len(examples[name]) < EXAMPLES:
            row = take_rows(corpus, DATA, [int(document["row"])], ["id", "url"])[0]
            reason = take_rows(other, LEDGER, [int(entry["row"])], ["reason"])[0]["reason"] if known else ""
            examples[name].append(Example(id=row["id"], url=row["url"], other=str(state), reason=reason or ""))


def _removed_characters(corpus: Path) -> Counter[str]:
    """Return the code points that each rule removed, of all documents that were read."""
    removed: Counter[str] = Counter()
    for batch in iter_batches(corpus, ORIGINALS, ["removals"]):
        spans = batch["removals"].flatten()
        lengths = pc.subtract(spans.field("end"), spans.field("start"))
        sums = (
            pa.table({"rule": spans.field("rule"), "length": lengths}).group_by("rule").aggregate([("length", "sum")])
        )
        removed.update(dict(zip(sums["rule"].to_pylist(), sums["length_sum"].to_pylist(), strict=True)))
    return removed


def _rule_changes(old: Counter[str], new: Counter[str]) -> tuple[RuleChange, ...]:
    changed = [rule for rule in old.keys() | new.keys() if old[rule] != new[rule]]
    order = sorted(changed, key=lambda rule: (-abs(new[rule] - old[rule]), rule))
    return tuple(RuleChange(rule=rule, why=rule_reason(rule), old=old[rule], new=new[rule]) for rule in order)


def _changed(sums: GroupSums) -> pa.Table:
    """Return the counts that differ: group, state, old, new, change (absolute)."""
    tables = [_EMPTY]
    for table in sums.tables():
        named = table.rename_columns(["group", *table.column_names[1:]]).select(_EMPTY.column_names[:-1])
        change = pc.abs(pc.subtract(named["new"], named["old"]))
        tables.append(named.append_column("change", change).filter(pc.greater(change, 0)).cast(_EMPTY.schema))
    return pa.concat_tables(tables)


def _split_groups(changed: pa.Table, top: int | None) -> tuple[pa.Table, pa.Table]:
    """Return the rows of the `top` groups with the largest changes of all states together, and those of the others."""
    if top is None:
        return changed, changed.slice(0, 0)
    groups = changed.group_by("group", use_threads=False).aggregate([("change", "sum")])
    order = [("change_sum", "descending"), ("group", "ascending")]
    chosen = pc.is_in(changed["group"], value_set=groups.sort_by(order)["group"].slice(0, top).combine_chunks())
    return changed.filter(chosen), changed.filter(pc.invert(chosen))


def _together(changed: pa.Table) -> pa.Table:
    """Return the sums of all groups by state, under the group ""; what others made up for is no change."""
    sums = changed.group_by("state", use_threads=False).aggregate([("old", "sum"), ("new", "sum")])
    old, new = sums["old_sum"], sums["new_sum"]
    columns = [pa.array([""] * sums.num_rows), sums["state"], old, new, pc.abs(pc.subtract(new, old))]
    return pa.table(columns, _EMPTY.schema)


def _state_changes(changed: pa.Table) -> tuple[StateChange, ...]:
    """Return changed counts, those that differ most first."""
    order = [("change", "descending"), ("group", "ascending"), ("state", "ascending")]
    names = ["group", "state", "old", "new"]
    return tuple(StateChange(**row) for row in changed.sort_by(order).select(names).to_pylist())


def _setting_changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the settings and versions of two manifests that differ, by name, with both values."""
    changes = {}
    for part in ("settings", "versions"):
        before, after = old.get(part, {}), new.get(part, {})
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                changes[f"{part}.{name}"] = (before.get(name), after.get(name))
    return changes
