"""`saaf verify`: is a published corpus whole, and does everything in it fit together?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saaf.corpus.corpus_tables import count_rows, opened_corpus
from saaf.corpus.file_names import CLUSTERS, DATA, LEDGER, MATCHES, ORIGINALS, PAIRS, REJECTED
from saaf.corpus.inspection.files import UNREADABLE, check_files, check_names, check_schemas
from saaf.corpus.inspection.findings import Findings, Verification
from saaf.corpus.inspection.joins import check_joins
from saaf.corpus.inspection.records import RecordBuckets
from saaf.corpus.inspection.tables import Scan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from saaf.corpus.settings import Progress

_OF_ROWS = ("order", "ledger", "counts", "removals", "duplicates")
_BY_ID = (DATA, ORIGINALS, LEDGER, CLUSTERS, CLUSTERS, PAIRS, PAIRS, MATCHES, MATCHES)


def verify_corpus(corpus: Path, report_progress: Progress | None = None) -> Verification:
    """Check a corpus (`saaf.corpus.inspection.findings.CHECKS`); a publication that was killed is finished first.

    No more than a row group and 70 MB of records are in memory; the records of all rows, 40 bytes each, are in
    temporary files. Raises `NotACorpusError` as `opened_corpus` does. Where a table cannot be read, the checks that
    compare rows are left out.
    """
    findings = Findings()
    report = report_progress or (lambda _step, _done, _total: None)
    with opened_corpus(corpus, may_lack_files=True) as manifest:
        listed = manifest["files"]
        check_files(corpus, listed, findings, report)
        check_names(listed, findings)
        if not check_schemas(corpus, listed, findings):
            findings.skip(*_OF_ROWS)
            return findings.verification()
        try:
            _check_rows(corpus, findings, report, _threshold(manifest))
        except UNREADABLE as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            findings.problem("files", f"a table cannot be read to its end: {error}")
            findings.skip(*_OF_ROWS)
    return findings.verification()


def _check_rows(corpus: Path, findings: Findings, report_progress: Progress, threshold: float) -> None:
    by_key = sum(count_rows(corpus, name) for name in (LEDGER, ORIGINALS, REJECTED))
    by_id = sum(count_rows(corpus, name) for name in _BY_ID)
    with RecordBuckets(by_key) as keys, RecordBuckets(by_id) as ids:
        scan = Scan(
            corpus=corpus,
            findings=findings,
            by_key=keys,
            by_id=ids,
            report_progress=report_progress,
            threshold=threshold,
        )
        scan.tables()
        check_joins(scan)


def _threshold(manifest: Mapping[str, Any]) -> float:
    """Return the similarity from which the documents of a corpus are near-duplicates, 0 where it is not recorded."""
    settings = manifest.get("settings", {}).get("dedupe", {})
    return float(settings.get("threshold", 0)) if isinstance(settings, dict) else 0.0
