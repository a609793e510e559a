"""`saaf build`: a corpus from inputs of any kind; every input is in the ledger, and all files are published at once.

The build is a sequence of stages, each a list of tasks that an engine runs: read and clean each partition of the
inputs; learn each site and clean its pages again; take one capture of each URL and leave out empty, short and unwanted
documents; find near-duplicates; write the documents of each language, and of each partition originals, ledger and what
was left out. This process plans, counts and renames: no document passes through it. A task that is done is not done
again.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from saaf.atomic_files import BusyError, exclusive_lock
from saaf.corpus.capture_settings import with_recorded
from saaf.corpus.file_names import DATA, EDITED_CARD, MANIFEST, REPORTS
from saaf.corpus.ledger import State
from saaf.corpus.manifest import edited_card
from saaf.corpus.output_guards import check_not_emptied, check_output, check_replaceable, old_entries
from saaf.corpus.progress import counted
from saaf.corpus.publish_directory import complete_publication, publish_directory
from saaf.corpus.remote_output import RemoteOutput, build_directory, open_output
from saaf.corpus.settings import BuildSettings, Notify, Progress
from saaf.corpus.stages.decide import DecideArguments, decide_task
from saaf.corpus.stages.engines import locate, open_chosen_engine
from saaf.corpus.stages.near import NearArguments, compare_documents
from saaf.corpus.stages.run import ignore_note, start_run
from saaf.corpus.stages.sequence import run_until_captures
from saaf.corpus.stages.site_knowledge import save_profiles
from saaf.corpus.stages.staging import stage_corpus
from saaf.corpus.stages.work import delete_leftovers, delete_work, discard_from
from saaf.corpus.standard_input import with_standard_input
from saaf.dedupe import Linkage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from saaf.corpus.input_paths import InputPath
    from saaf.corpus.stages.sequence import Passed
    from saaf.corpus.stages.staging import Sums


_NOTES_SHOWN = 5  # of languages without thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSummary:
    """The counts of a finished build.

    `inputs` are the rows of the ledger, so that an article split off its page counts as one. `states` counts them by
    state, `languages` the kept documents by code, most first. `removed_share` is the share, in [0, 1], of the kept
    documents' characters that was removed as residue. `output` is the directory of the corpus. `profile_failures`
    counts, by reason, the documents that are as the first pass left them, because their site's profile could not be
    applied. `unfiltered` says of each language that the quality filter has no thresholds for, most documents first.
    `losses` are sentences on languages and hosts that lost nearly all of their documents at one step, `notes` sentences
    on columns of tables that are not kept.
    """

    inputs: int
    documents: int
    duplicates: int
    removed_share: float
    languages: Mapping[str, int]
    states: Mapping[str, int]
    output: InputPath
    profile_failures: Mapping[str, int] = field(default_factory=dict)
    unfiltered: tuple[str, ...] = ()
    losses: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def report(self) -> InputPath:
        """The path of the HTML report."""
        return self.output / REPORTS[0]

    def _notes(self) -> tuple[str, ...]:
        """Return the first notes on unfiltered languages, and how many more there are."""
        more = len(self.unfiltered) - _NOTES_SHOWN
        rest = (f"And of {more} more languages; the report names them.",) if more > 0 else ()
        return (*self.unfiltered[:_NOTES_SHOWN], *rest)

    def lines(self) -> tuple[str, ...]:
        """Return the summary as lines for a terminal: five, and one for each loss and for each profile problem, and
        for each of the first languages that were not filtered by quality.
        """
        others = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in self.states.items())
        return (
            f"inputs      {self.inputs:,} ({others or 'none'})",
            f"documents   {self.documents:,} in {self.output / DATA}",
            f"duplicates  {counted(self.duplicates, 'near-duplicate')} set aside",
            f"removed     {self.removed_share:.1%} of the characters, as residue",
            f"languages   {', '.join(f'{code} {count:,}' for code, count in self.languages.items()) or 'none'}",
            *(
                f"profiles    not applied to {counted(count, 'page')}: {reason}"
                for reason, count in sorted(self.profile_failures.items())
            ),
            *(f"quality     {note}" for note in self._notes()),
            *(f"lost        {loss}" for loss in self.losses),
            *(f"columns     {note}" for note in self.notes),
        )


def build(
    inputs: Sequence[Path],
    output: InputPath,
    *,
    settings: BuildSettings | None = None,
    report_progress: Progress | None = None,
    notify: Notify | None = None,
    from_stage: str | None = None,
    work: Path | None = None,
) -> BuildSummary:
    """Write the corpus of `inputs` (see `saaf.corpus.readers.read_inputs`) to the directory `output`, here or at a URL.

    The path "-" is standard input. Which columns of tables are read as what is told to `notify` at the start.

    All files are published together or none is: killed at any moment, what `output` held before is still whole, and
    the same call goes on where this one was, and tells `notify` so in a sentence. With `from_stage`, one of
    `saaf.corpus.stages.work.STAGES`, the work that was kept of this stage and of later ones is done again. A corpus for
    a URL is built in a directory in `work` (`saaf.corpus.remote_output.work_directory`).

    Raises `InputError` where an input does not exist or would be replaced, and where no document is left to replace an
    older corpus that has some; `OutputError` where a file in `output` would be replaced that is of no corpus;
    `BusyError` where another build is writing to `output`; `WorkersError` where no worker process can start;
    `EngineError` where the engine of a cluster cannot be used; `LossError` where more is lost than the settings allow;
    `LedgerError` where the ledger contradicts itself or two near-duplicates are kept (a bug).
    """
    settings = settings or BuildSettings()
    place = open_output(output)
    directory = build_directory(output, work)
    paths, settings, work = locate(inputs, settings, directory)
    check_output(paths, directory, settings.profiles)
    settings = with_recorded(settings, paths)
    if isinstance(place, RemoteOutput):
        place.check(paths)
    locked = place.locked(directory) if isinstance(place, RemoteOutput) else nullcontext()
    with opened_output(directory, from_stage), locked as lock, open_chosen_engine(settings, work, paths) as engine:
        run = start_run(engine, work, settings, report_progress, notify)
        passed = run_until_captures(run, with_standard_input(paths, work))
        near, compared = compare_documents(
            run,
            NearArguments(rows=passed.rows, excluded=passed.captures, settings=settings.dedupe, linkage=Linkage.STAR),
        )
        decide = run.task(decide_task, [task.key for task in near], DecideArguments(near=near, passed=compared))
        result = run.one("comparing documents", decide)
        staged, sums = stage_corpus(run, passed, decide, omitted=result["omitted"])
        if isinstance(place, RemoteOutput) and lock is not None:
            place.publish(staged, sums, lock, run.report_progress, run.report_note)
        else:
            publish(staged, directory, sums, run.report_note)
        if settings.profiles is not None and passed.sites is not None:
            save_profiles(passed.sites, settings.profiles)
        delete_work(work if isinstance(place, Path) else directory)
    return summarise_build(sums, place if isinstance(place, Path) else place.path, passed)


@contextmanager
def opened_output(output: Path, from_stage: str | None = None) -> Iterator[None]:
    """Hold the lock of an output directory that a build may write to. Raises as `build` does.

    The work of `from_stage` and of later ones is deleted first; None deletes nothing.
    """
    with exclusive_lock(
        output, BusyError(f"another build is writing to {output}: wait for it, or choose another output")
    ):
        complete_publication(output)
        delete_leftovers(output)
        check_replaceable(output)
        if from_stage is not None:
            discard_from(output, from_stage)
        yield


def publish(staged: Path, output: Path, sums: Sums, report_note: Notify = ignore_note) -> None:
    """Make a staged corpus that of `output`; a card that was edited there is kept beside the new one, which is said.

    Raises `InputError` as `build` does.
    """
    check_not_emptied(output, sums)
    if edited := edited_card(output):
        kept = output / EDITED_CARD
        shutil.copyfile(edited, kept)
        report_note(f"{edited} was edited, and is written anew: your text is in {kept}")
    publish_directory(staged, output, last=MANIFEST, remove=old_entries(output))


def summarise_build(sums: Sums, output: InputPath, passed: Passed) -> BuildSummary:
    """Return the counts of a build; `output` is the corpus."""
    languages = sorted(sums.languages.items(), key=lambda item: (-item[1], item[0]))
    return BuildSummary(
        inputs=sum(sums.states.values()),
        documents=sums.states[State.KEPT.value],
        duplicates=sums.states[State.DUPLICATE.value],
        removed_share=sums.removed / max(sums.characters, 1),
        languages=dict(languages),
        states={state.value: sums.states[state.value] for state in State if sums.states[state.value]},
        output=output,
        profile_failures=dict(passed.profile_failures),
        unfiltered=passed.quality_filter.notes(sums.language_keys) if passed.quality_filter else (),
        losses=sums.losses,
        notes=passed.notes,
    )
