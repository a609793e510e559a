"""The stage that writes the report of a staged corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.corpus.report import write_report

REPORT_DIRECTORY = "report"

if TYPE_CHECKING:
    from pathlib import Path

    from saaf.corpus.stages.guard import PageGuard
    from saaf.corpus.stages.tasks import Result, Task


def report_task(task: Task, _guard: PageGuard) -> Result:
    """Write the report of the staged corpus beside the marker of the task."""
    staged: Path = task.arguments
    write_report(staged, task.path(REPORT_DIRECTORY))
    return {}
