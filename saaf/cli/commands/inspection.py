"""`saaf verify`, `diff`, `replay` and `find`: look at a published corpus."""

from __future__ import annotations

import json
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from saaf.cleaning.phrases.user_packs import parse_user_packs
from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import corpus_errors, searched_corpora
from saaf.cli.commands.settings import noted_packs
from saaf.cli.terminal import progress, write_lines, write_summary
from saaf.corpus.corpus_tables import find_rows, opened_corpus
from saaf.corpus.exit_codes import Exit
from saaf.corpus.file_names import LEDGER
from saaf.corpus.inspection.diff import diff_corpora
from saaf.corpus.inspection.recorded_packs import compare_packs
from saaf.corpus.inspection.replay import other_rules, replay_document
from saaf.corpus.inspection.text_search import UnsearchableTextError, find_text
from saaf.corpus.inspection.verify import verify_corpus
from saaf.corpus.ledger import State
from saaf.corpus.progress import counted
from saaf.corpus.readers import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from saaf.corpus.inspection.diff import CorpusDiff, StateChange
    from saaf.corpus.inspection.findings import Verification
    from saaf.corpus.inspection.recorded_packs import RecordedPacks
    from saaf.corpus.inspection.replay import Replay, Step
    from saaf.corpus.inspection.text_search import FoundDocument

_SHOWN = 120  # code points of a removal


def run_verify(corpus: Path, *, as_json: bool) -> None:
    """Verify a corpus and print what was found. Raises `CommandError` where something is wrong."""
    with corpus_errors(corpus), progress("checking files") as report_progress:
        found = verify_corpus(corpus, report_progress)
    if as_json:
        _print_json(found.to_json())
    else:
        write_summary(_verification_lines(found))
    if found.problems:
        problems = counted(found.problems, "problem")
        raise CommandError(f"{corpus} is not as it was published: {problems}; build it again", Exit.UNSOUND)


def _verification_lines(found: Verification) -> Iterator[str]:
    for check in found.checks:
        count = "not checked" if check.checked is None else f"{check.checked:,} checked"
        result = (
            "not possible" if check.checked is None else "ok" if not check.problems else f"{check.problems:,} wrong"
        )
        yield f"{check.name:<10}  {result:<12}  {count:<16}  {check.what}"
        yield from (f"{'':<12}{sentence}" for sentence in check.first)
        if check.problems > len(check.first) > 0:
            yield f"{'':<12}and {check.problems - len(check.first):,} more"
    yield from (f"{'note':<12}{sentence}" for sentence in found.remarks)


def run_diff(old: Path, new: Path, *, top: int, as_json: bool) -> None:
    """Compare two corpora and print what differs, of `top` hosts by name; 0 for all."""
    with corpus_errors(old), progress("reading") as report_progress:
        found = diff_corpora(old, new, report_progress, top=top or None)
    if as_json:
        _print_json(found.to_json())
    else:
        write_summary(_diff_lines(found))


def _diff_lines(found: CorpusDiff) -> Iterator[str]:
    counts = {"gained": found.gained, "lost": found.lost, "changed": found.changed, "the same": found.same}
    yield f"documents   {', '.join(f'{count:,} {name}' for name, count in counts.items())}"
    for name, fates, verb in (("gained", found.gained_from, "were"), ("lost", found.lost_to, "are now")):
        if fates:
            yield f"{name:<10}  {verb} {', '.join(f'{count:,} {_words(state)}' for state, count in fates.items())}"
        for one in found.examples[name]:
            yield f"{'':<12}{one.url or one.id}: {_words(one.other)}{f', {one.reason}' if one.reason else ''}"
        if (more := counts[name] - len(found.examples[name])) > 0:
            yield f"{'':<12}… and {more:,} more"
    if found.changed:
        names = [one.url or one.id for one in found.examples["changed"]]
        more = found.changed - len(names)
        yield f"changed     {', '.join(names)}{f' … and {more:,} more' if more > 0 else ''}"
    if found.rights_changed:
        changes_of_rights = ", ".join(f"{count:,} {change}" for change, count in found.rights.items())
        yield f"rights      of {found.rights_changed:,} documents changed: {changes_of_rights}"
    for rule in found.rules:
        yield f"removed by  {rule.rule}: {rule.old:,} -> {rule.new:,} characters"
    for name, changes in (("language", found.languages), ("host", found.hosts)):
        groups: dict[str, list[StateChange]] = {}
        for change in changes:
            groups.setdefault(change.group, []).append(change)
        yield from (_group_line(name, group, one) for group, one in groups.items())
    if found.other_host_count:
        sums = f": {_states(found.other_hosts)}" if found.other_hosts else ", with the same sums"
        yield f"host        and {counted(found.other_host_count, 'more host')} together{sums}; --top 0 names all"
    for name, (before, after) in found.settings.items():
        yield f"setting     {name}: {_compact(before)} -> {_compact(after)}"


def _group_line(name: str, group: str, changes: Iterable[StateChange]) -> str:
    """Return the line of a language or host: its states, kept first, and then those with fewer inputs than before."""
    return f"{name:<10}  {group or '(none)'}: {_states(changes)}"


def _states(changes: Iterable[StateChange]) -> str:
    ordered = sorted(changes, key=lambda one: (one.state != State.KEPT, one.new - one.old, one.state))
    return ", ".join(f"{_words(one.state)} {one.old:,} -> {one.new:,}" for one in ordered)


def run_replay(corpus: Path, document: str, inputs: Sequence[Path], *, rules: Sequence[Path], as_json: bool) -> None:
    """Replay a document and print its steps; `rules` are directories of language packs.

    Raises `CommandError` where it does not come out as published.
    """
    with corpus_errors(corpus), opened_corpus(corpus) as manifest:
        try:
            sources = noted_packs(rules)
        except ValueError as error:
            raise CommandError(str(error), Exit.USAGE) from error
        try:
            found = replay_document(corpus, document, manifest, inputs, parse_user_packs(sources))
        except InputError as error:
            raise CommandError(str(error), Exit.INPUT) from error
        if found is None:
            raise CommandError(_no_document(corpus, document), Exit.INPUT)
        others, packs = other_rules(manifest), compare_packs(manifest, sources)
    if as_json:
        names = {"packs": packs.recorded, "packs_not_applied": packs.missing, "further_packs": packs.further}
        _print_json(found.to_json() | {"other_rules": others, **names})
    else:
        write_lines(_replay_lines(found, others=others, packs=packs))
    if not found.is_sound:
        raise CommandError(f"{document} does not come out as {corpus} has it", Exit.UNSOUND)


def _no_document(corpus: Path, name: str) -> str:
    row = next(find_rows(corpus, LEDGER, "key", [name], ["state", "reason"]), None)
    if row is not None:
        return f"{name} became no document: {_words(row['state'])}, {row['reason']}"
    return f"{name}: {corpus} has no document with this id, URL or key"


def _replay_lines(found: Replay, *, others: bool, packs: RecordedPacks) -> Iterator[str]:
    yield f"document    {found.id} {found.url or ''}".rstrip()
    yield f"key         {found.key}"
    yield f"state       {_words(found.state)}{f': {found.reason}' if found.reason else ''}"
    yield f"as read     {found.characters:,} characters"
    yield from (f"removed     {_step(step)}; {step.left:,} left" for step in found.steps)
    same = "is" if found.as_published else "IS NOT"
    yield f"clean       {len(found.text):,} characters; this {same} the text of the corpus"
    reread = found.reread
    if reread.problem:
        yield f"read again  not compared: {reread.problem}"
        return
    yield f"read again  {'the same text' if reread.same_text else 'ANOTHER TEXT: the input or the reader has changed'}"
    if reread.same_text and reread.same_removals:
        yield "cleaned     the same removals"
    yield from (f"recorded    and not made by cleaning the page by itself: {_step(step)}" for step in reread.missing)
    yield from (f"further     made by cleaning the page by itself: {_step(step)}" for step in reread.further)
    if packs.missing:
        yield (
            f"note        the corpus was cleaned with packs of your own too ({', '.join(packs.missing)}), which it "
            "does not hold: name their directory with --rules, as they were then; what only their rules removed is "
            "listed above, and was not looked for when the page was cleaned again"
        )
    if packs.further:
        names = ", ".join(packs.further)
        yield f"note        the corpus was not cleaned with these packs of your own, or they were others: {names}"
    if others:
        yield "note        the corpus was cleaned by other rules than those of this version of saaf"


def _step(step: Step) -> str:
    text = " ".join(step.text.split())
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return f"{step.start} to {step.end} by {step.rule}: {shown}"


def run_find(text: str, corpus: Path | None, *, limit: int, as_json: bool) -> None:
    """Print the documents in which a text stands. Raises `CommandError` where there is none.

    A `corpus` of None is this directory, and each in out/.
    """
    corpora = [corpus] if corpus else searched_corpora(None)
    if not corpora:
        raise CommandError("no corpus here or in out/: name one with --corpus DIR", Exit.INPUT)
    shown = 0
    for one in corpora:
        if limit and shown == limit:
            break
        found = _print_found(text, one, limit=limit - shown if limit else None, as_json=as_json)
        if found and len(corpora) > 1 and not as_json:
            write_lines([f"in          {one}"])
        shown += found
    if not shown:
        searched = ", ".join(map(str, corpora))
        raise CommandError(f"no document of {searched}, kept or not, has this text", Exit.INPUT)
    if shown == limit and not as_json:
        count = counted(limit, "document")
        write_lines([f"the search ended after {count}; --limit 0 finds all"])


def _print_found(text: str, corpus: Path, *, limit: int | None, as_json: bool) -> int:
    """Print the documents of one corpus in which a text stands, up to `limit`; return their number."""
    shown = 0
    with corpus_errors(corpus), opened_corpus(corpus), progress("searching") as report_progress:
        try:
            for document in islice(find_text(corpus, text, report_progress), limit):
                shown += 1
                if as_json:
                    sys.stdout.write(json.dumps(document.to_json(), ensure_ascii=False) + "\n")
                else:
                    write_lines(_found_lines(document))
        except UnsearchableTextError as error:
            raise CommandError(str(error), Exit.USAGE) from error
    return shown


def _found_lines(document: FoundDocument) -> Iterator[str]:
    reason = f": {document.reason}" if document.reason else ""
    yield f"{document.url or document.key}  {document.id}  {_words(document.state)}{reason}"
    for match in document.matches:
        where = "removed" if match.removed else "removed in part" if match.rules else "stays"
        by = f" by {', '.join(match.rules)}" if match.rules else ""
        across = " (in the clean text alone)" if match.in_clean_text else ""
        context = " ".join(f"{match.before}[{match.text}]{match.after}".split())
        yield f"  {where}{by}, {match.start} to {match.end}{across}: …{context}…"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _words(state: str) -> str:
    return state.replace("_", " ")


def _print_json(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
