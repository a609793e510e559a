"""Checks across tables: records of one id or key against each other, bucket by bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saaf.corpus.corpus_tables import count_rows, take_rows
from saaf.corpus.file_names import PAIRS
from saaf.corpus.inspection.records import Records, of_kind, partner, repeated
from saaf.corpus.inspection.tables import NAMED_BY, STATES, Kind, Scan
from saaf.corpus.ledger import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_KEPT = STATES[State.KEPT.value]


def check_joins(scan: Scan) -> None:
    """Compare the records of all tables that `scan` has read."""
    step, total = "comparing tables", len(scan.by_key) + len(scan.by_id)
    for done, records in enumerate(scan.by_key):
        scan.report_progress(step, done, total)
        _check_keys(scan, records)
    kept_ends = np.zeros(count_rows(scan.corpus, PAIRS), np.uint8)
    for done, records in enumerate(scan.by_id, start=len(scan.by_key)):
        scan.report_progress(step, done, total)
        _check_documents(scan, records)
        _check_pointers(scan, records)
        _check_clusters(scan, records)
        _check_pairs(scan, records, kept_ends)
    for row in np.flatnonzero(kept_ends > 1).tolist():
        pair = take_rows(scan.corpus, PAIRS, [row], ["left_id", "right_id", "jaccard"])[0]
        sentence = "{left_id} and {right_id} are near-duplicates (Jaccard {jaccard:.2f}), and both are kept"
        scan.findings.problem("duplicates", sentence.format(**pair))


def _name(scan: Scan, record: Records, column: str | None = None) -> str:
    table, named_by = NAMED_BY[Kind(int(record["kind"]))]
    name = column or named_by
    return str(take_rows(scan.corpus, table, [int(record["row"])], [name])[0][name])


def _add(scan: Scan, check: str, records: Records, sentence: Callable[[str], str]) -> None:
    """Add a problem for each record; `sentence` makes it of the name of the record's row."""
    for number, record in enumerate(records):
        if not scan.findings.wants(check):
            scan.findings.more(check, len(records) - number)
            return
        scan.findings.problem(check, sentence(_name(scan, record)))


def _add_repeated(scan: Scan, check: str, records: Records, sentence: Callable[[str], str]) -> None:
    """Add a problem for each record with the name of the one before, which equal hashes do not quite prove."""
    again = repeated(records)
    if not len(again):
        return
    first_of = records[np.searchsorted(records["hash"], again["hash"])]
    names = [_name(scan, record) for record in again]
    for name, first in zip(names, first_of, strict=True):
        if name == _name(scan, first):
            scan.findings.problem(check, sentence(name))


def _check_keys(scan: Scan, records: Records) -> None:
    """Compare ledger, originals/ and rejected/ by the key of the input."""
    ledger, originals, rejected = (
        of_kind(records, kind) for kind in (Kind.IN_LEDGER, Kind.IN_ORIGINALS, Kind.IN_REJECTED)
    )
    _add_repeated(scan, "ledger", ledger, lambda name: f"{name} is in the ledger twice")
    _add_repeated(scan, "counts", originals, lambda name: f"{name} is in originals/ twice")
    _add_repeated(scan, "counts", rejected, lambda name: f"{name} is in rejected/ twice")
    found, entry = partner(originals, ledger)
    _add(scan, "counts", originals[~found], lambda name: f"{name} is in originals/ and not in the ledger")
    differs = found & ((entry["state"] != originals["state"]) | (entry["other"] != originals["other"]))
    _add(
        scan, "counts", originals[differs], lambda name: f"{name} has another state or id in originals/ than in ledger/"
    )
    read = ledger[ledger["other"] != 0]
    found, _ = partner(read, originals)
    _add(scan, "counts", read[~found], lambda name: f"{name} was read, says the ledger, and is not in originals/")
    left_out = originals[originals["state"] != _KEPT]
    found, _ = partner(left_out, rejected)
    _add(scan, "counts", left_out[~found], lambda name: f"{name} is not kept, and not in rejected/")
    found, original = partner(rejected, originals)
    wrong = ~found | (found & (original["state"] != rejected["state"])) | (rejected["state"] == _KEPT)
    _add(scan, "counts", rejected[wrong], lambda name: f"{name} is in rejected/, with another state in originals/")
    differs = found & (original["value"] != rejected["value"])
    _add(scan, "removals", rejected[differs], lambda name: f"{name}: {_NOT_REPLAYED.format('rejected/')}")


_NOT_REPLAYED = "the text in {} is not that in originals/ less its removals"


def _check_documents(scan: Scan, records: Records) -> None:
    """Compare data/ with the kept documents of originals/ by id."""
    documents = of_kind(records, Kind.DOCUMENT)
    passed = of_kind(records, Kind.PASSED_ORIGINAL)
    kept = passed[passed["state"] == _KEPT]
    _add_repeated(scan, "counts", documents, lambda name: f"the document {name} is in data/ twice")
    _add_repeated(scan, "counts", kept, lambda name: f"the document {name} is kept twice")
    found, _ = partner(kept, documents)
    _add(scan, "counts", kept[~found], lambda name: f"the document {name} is kept, and not in data/")
    found, original = partner(documents, kept)
    _add(scan, "counts", documents[~found], lambda name: f"the document {name} is in data/, and not a kept one")
    differs = found & (original["value"] != documents["value"])
    _add(scan, "removals", documents[differs], lambda name: f"the document {name}: {_NOT_REPLAYED.format('data/')}")


def _check_pointers(scan: Scan, records: Records) -> None:
    """Check that what is said to be kept in place of another document is kept, or in an index."""
    pointers = of_kind(records, Kind.POINTER)
    documents, passed, matches = (of_kind(records, kind) for kind in (Kind.DOCUMENT, Kind.PASSED_ORIGINAL, Kind.MATCH))
    repeated_capture = pointers["state"] == STATES[State.REPEATED.value]
    good = np.where(repeated_capture, partner(pointers, passed)[0], partner(pointers, documents)[0])
    good |= (pointers["state"] == STATES[State.DUPLICATE.value]) & partner(pointers, matches)[0]
    _add(scan, "duplicates", pointers[~good], lambda name: f"{name} was set aside for a document that is not kept")


def _check_clusters(scan: Scan, records: Records) -> None:
    """Check that a cluster is of a kept document, which is in it once, and of the near-duplicates set aside for it."""
    documents, members, clusters = (of_kind(records, kind) for kind in (Kind.DOCUMENT, Kind.MEMBER, Kind.CLUSTER))
    aside = of_kind(records, Kind.SET_ASIDE)
    _add_repeated(scan, "duplicates", members, lambda name: f"the document {name} is in two clusters")
    found, _ = partner(clusters, documents)
    _add(scan, "duplicates", clusters[~found], lambda name: f"the cluster {name} is of a document that is not kept")
    first = members[members["state"] == 1]
    wrong = first["hash"] != first["other"]
    _add(scan, "duplicates", first[wrong], lambda name: f"{name} stands for a cluster of another document")
    others = members[members["state"] == 0]
    found, entry = partner(others, aside)
    wrong = ~found | (entry["other"] != others["other"])
    _add(scan, "duplicates", others[wrong], lambda name: f"{name} is in a cluster, and not set aside for its document")
    alone = aside[~partner(aside, members)[0] & ~partner(aside, of_kind(records, Kind.MATCHED))[0]]
    _add(scan, "duplicates", alone, lambda name: f"{name} is a near-duplicate, and in no cluster")
    sizes = np.searchsorted(clusters["hash"], documents["hash"], "right") - np.searchsorted(
        clusters["hash"], documents["hash"]
    )
    wrong = documents["other"] != np.maximum(sizes, 1)
    _add(scan, "duplicates", documents[wrong], lambda name: f"the document {name} has a wrong minhash_cluster_size")


def _check_pairs(scan: Scan, records: Records, kept_ends: NDArray[np.uint8]) -> None:
    """Count in `kept_ends`, by the number of the pair, the documents of each pair that are kept."""
    ends = of_kind(records, Kind.PAIR)
    kept, _ = partner(ends, of_kind(records, Kind.DOCUMENT))
    np.add.at(kept_ends, ends["row"][kept].astype(np.int64), 1)
    passed, _ = partner(ends, of_kind(records, Kind.PASSED_ORIGINAL))
    _add(scan, "duplicates", ends[~passed], lambda name: f"a pair of {name} has a document that was not compared")
