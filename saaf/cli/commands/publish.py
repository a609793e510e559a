"""`saaf publish` and `saaf convert`: upload a corpus, or bring an older one into the layout that is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import user_errors
from saaf.cli.terminal import one_line, progress, write_lines
from saaf.corpus.exit_codes import Exit
from saaf.corpus.publication.convert import convert_corpus
from saaf.corpus.publication.markdown import size
from saaf.corpus.publication.plan import HubTarget, PublicationError, plan_upload
from saaf.corpus.publication.upload import upload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from saaf.corpus.publication.plan import UploadPlan


def run_publish(corpus: Path, to: str, *, yes: bool) -> None:
    """Print the plan of an upload; with `yes` do what it says."""
    try:
        with progress("checking files") as report_progress:
            plan = plan_upload(corpus, to, report_progress)
        write_lines(_lines(plan, to))
        if not yes:
            write_lines(["nothing was uploaded: add --yes to upload it"])
            return
        _upload(plan)
    except PublicationError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    write_lines([f"uploaded    {len(plan.files)} files to {to}"])


def _upload(plan: UploadPlan) -> None:
    try:
        with progress("uploading") as report_progress:
            upload(plan, report_progress)
    except PublicationError as error:
        raise CommandError(str(error), Exit.OUTPUT) from error


def _lines(plan: UploadPlan, to: str) -> Iterator[str]:
    before = to.rstrip("/")
    for file in plan.files:
        yield f"{size(file.bytes):>10}  {file.sha256}  {one_line(file.name)} -> {before}/{one_line(file.name)}"
    yield f"files       {len(plan.files)}, {size(plan.bytes)}, all as the manifest says"
    if isinstance(plan.target, HubTarget):
        yield f"data set    {plan.target.repository} on the Hub, in one commit; files of an older corpus are deleted"
    if plan.unfinished:
        yield "note        a newer build of this corpus has not ended: this is the corpus before it"


def run_convert(old: Path, new: Path) -> None:
    """Convert a corpus and print where it is."""
    try:
        with user_errors(new), progress("converting") as report_progress:
            convert_corpus(old, new, report_progress)
    except PublicationError as error:
        raise CommandError(str(error), Exit.INPUT) from error
    write_lines([f"corpus      {new}"])
