"""The stage that describes a staged corpus: its report, its card and its Croissant metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.corpus.manifest import read_manifest
from saaf.corpus.publication.card import write_card
from saaf.corpus.publication.croissant import write_croissant
from saaf.corpus.publication.statistics import corpus_statistics
from saaf.corpus.report import write_report

REPORT_DIRECTORY = "report"

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task


def report_task(task: Task, _guard: PageGuard) -> Result:
    """Write report, card and Croissant metadata of the staged corpus beside the marker of the task."""
    staged: Path = task.arguments
    directory = task.path(REPORT_DIRECTORY)
    manifest = read_manifest(staged) or {}
    statistics = corpus_statistics(staged)
    write_report(staged, directory, characters=statistics.total.characters)
    for path in (write_card(staged, manifest, statistics), write_croissant(staged, manifest, statistics)):
        path.replace(directory / path.name)
    return {}
