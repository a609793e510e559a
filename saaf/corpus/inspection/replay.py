"""`saaf replay`: the removals of one document, one after the other, and its input read and cleaned once more."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saaf.cleaning import apply_removals
from saaf.cleaning.postprocess import apply_options, match_rule_ids
from saaf.cleaning.spans import rule_reason, rule_reasons
from saaf.cleaning.version import rules_version
from saaf.corpus.corpus_tables import find_rows
from saaf.corpus.documents import EXPLANATION_COLUMNS, reasons_of, removals_of
from saaf.corpus.file_names import DATA, ORIGINALS, REJECTED
from saaf.corpus.input_walk import check_inputs, walk_inputs
from saaf.corpus.ledger import Failure, State
from saaf.corpus.limits import BODY_LIMIT
from saaf.corpus.page_tasks import clean_page, read_page
from saaf.corpus.process_limits import Limits, call_in_child
from saaf.corpus.readers import read_part
from saaf.corpus.records import InputPart, ReadOptions, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from saaf.cleaning import CleanDocument, Page, Removal
    from saaf.cleaning.phrases.user_packs import UserPacks

_KEY = re.compile(r"(?P<file>.*?)(?:#(?P<number>\d+))?(?:\+(?P<article>\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One removal: what it took out, and how many code points are left after it."""

    rule: str
    why: str
    start: int
    end: int
    text: str
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """What came of reading the input again.

    `found` is whether it was found; `problem` says in a sentence why nothing could be compared, "" where it could.
    `same_text` is whether the text as read is the recorded one. `missing` are recorded removals that cleaning the page
    by itself does not make, such as those learned from other pages of its site; `further` are those that it makes
    beside them.
    """

    found: bool
    problem: str = ""
    same_text: bool = False
    same_removals: bool = False
    missing: tuple[Step, ...] = ()
    further: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The replay of a document: `steps` are its removals, in order.

    `as_published` is whether the text as read, less the removals, is the text that the corpus has for the document.
    """

    key: str
    id: str
    url: str | None
    state: str
    reason: str
    characters: int
    steps: tuple[Step, ...]
    as_published: bool
    reread: Reread
    text: str = field(repr=False)

    @property
    def is_sound(self) -> bool:
        """Whether the document came out as the corpus has it, as far as it could be compared."""
        return self.as_published and (bool(self.reread.problem) or self.reread.same_text)

    def to_json(self) -> dict[str, Any]:
        """Return the replay as values of JSON."""
        return asdict(self) | {"sound": self.is_sound}


def replay_document(
    corpus: Path, name: str, manifest: Mapping[str, Any], inputs: Sequence[Path], packs: UserPacks | None = None
) -> Replay | None:
    """Replay the document with an id, URL or key of the ledger, None where the corpus has none; see `Replay`.

    `inputs` are what the corpus was built from, in which the document's input is looked for; none for where it is
    likely to be. `manifest` is that of the corpus, which is open. `packs` are the user's packs to clean the page with,
    None for none; what other packs of the user's removed is not looked for. Raises `InputError` where an input does not
    exist.
    """
    if inputs:
        check_inputs(inputs)
    row = _original(corpus, name)
    if row is None:
        return None
    removals = removals_of(row)
    text = apply_removals(row["text"], removals)
    return Replay(
        key=row["key"],
        id=row["id"],
        url=row["url"],
        state=row["state"],
        reason=reasons_of(corpus, [row["key"]]).get(row["key"], ""),
        characters=len(row["text"]),
        steps=tuple(_steps(row["text"], removals)),
        as_published=_published_text(corpus, row) == text,
        reread=_read_again(row, removals, manifest, inputs or likely_inputs(corpus, row["key"]), packs),
        text=text,
    )


def _original(corpus: Path, name: str) -> dict[str, Any] | None:
    rows = [
        row
        for column in ("id", "url", "key")
        for row in find_rows(corpus, ORIGINALS, column, [name], EXPLANATION_COLUMNS)
    ]
    return min(rows, key=lambda row: (row["state"] != State.KEPT, row["key"]), default=None)


def _published_text(corpus: Path, row: dict[str, Any]) -> str | None:
    table, column = (DATA, "id") if row["state"] == State.KEPT else (REJECTED, "key")
    return next((found["text"] for found in find_rows(corpus, table, column, [row[column]], ["text"])), None)


def _steps(text: str, removals: Sequence[Removal]) -> Iterator[Step]:
    left = len(text)
    for removal in removals:
        left -= removal.end - removal.start
        span = text[removal.start : removal.end]
        why = rule_reason(removal.rule)
        yield Step(rule=removal.rule, why=why, start=removal.start, end=removal.end, text=span, left=left)


def _read_again(
    row: dict[str, Any],
    removals: tuple[Removal, ...],
    manifest: Mapping[str, Any],
    inputs: Sequence[Path],
    packs: UserPacks | None,
) -> Reread:
    """Read the input of a row of originals/ and clean it by itself, with the settings of the manifest and `packs`."""
    settings = manifest["settings"]
    part = _input_part(_file_of(row["key"]), inputs)
    if part is None:
        return Reread(found=False, problem=f"{_file_of(row['key'])} is not among the inputs: name them with --input")
    number, article = (int(digits or 0) for digits in _numbers(row["key"]))
    record = _record(part, number, settings)
    if record is None or record.page is None:
        reason = record.failure.reason if record and record.failure else "there is no such record"
        return Reread(found=False, problem=f"{row['key']}: {reason}")
    clean = clean_page if settings.get("clean", True) else read_page
    limit = int(settings.get("body_limit", BODY_LIMIT))
    result = call_in_child(partial(clean, record.page, body_limit=limit), Limits(), record.page.url)
    if isinstance(result, Failure):
        return Reread(found=True, problem=f"{row['key']}: {result.reason}")
    document = _article(result, record.page, article, settings, packs)
    if document is None:
        return Reread(
            found=True, problem=f"{row['key']}: the page has no appended article {article} when it is read by itself"
        )
    # Packs of the user's may not be at hand: what their rules removed is then not looked for.
    return _compared(row["text"], removals, document, _known_rules(packs) if settings.get("rules") else None)


def _article(
    cleaned: CleanDocument, page: Page, article: int, settings: Mapping[str, Any], packs: UserPacks | None
) -> CleanDocument | None:
    known = _known_rules(packs)
    patterns = tuple(one for one in settings.get("keep", ()) if any(fnmatchcase(rule, one) for rule in known))
    documents = list(
        apply_options(
            cleaned,
            keep=match_rule_ids(patterns, packs),
            split_appended=bool(settings.get("split_appended")),
            fetched_at=page.fetched_at,
            packs=packs,
        )
    )
    return documents[article] if article < len(documents) else None


def _known_rules(packs: UserPacks | None) -> frozenset[str]:
    """Return the ids of the rules of saaf's own and of `packs`."""
    return frozenset((*rule_reasons(), *(rule.id for rule in (packs.rules if packs else ()))))


def _compared(text: str, removals: tuple[Removal, ...], clean: CleanDocument, known: frozenset[str] | None) -> Reread:
    """Compare the recorded removals of rules that are `known`, None for all, with those of `clean`."""
    if clean.document.text != text:
        return Reread(found=True)
    own = {(removal.start, removal.end): removal for removal in clean.removals}
    recorded = {(each.start, each.end): each for each in removals if known is None or each.rule in known}
    return Reread(
        found=True,
        same_text=True,
        same_removals=own.keys() == recorded.keys(),
        missing=tuple(_steps(text, [removal for span, removal in recorded.items() if span not in own])),
        further=tuple(_steps(text, [removal for span, removal in own.items() if span not in recorded])),
    )


def _input_part(name: str, inputs: Sequence[Path]) -> InputPart | None:
    """Return the file with a name of the ledger among the inputs, None where it is not there."""
    ordered = sorted(inputs, key=lambda path: (path.resolve().name, str(path.resolve())))  # as a build names them
    parts = (part for part in walk_inputs(ordered) if isinstance(part, InputPart))
    return next((part for part in parts if part.name == name), None)


def likely_inputs(corpus: Path, key: str) -> list[Path]:
    """Return where the input with a key of the ledger may be: in this directory, in the corpus, or beside it."""
    first = key.partition("/")[0] if "/" in key else _file_of(key)
    places = (directory / first for directory in (Path(), corpus, corpus.parent))
    return [path for path in places if path.exists()][:1]


def _numbers(key: str) -> tuple[str | None, str | None]:
    """Return the number of the record and that of the article in a key of the ledger, None for none."""
    found = _KEY.fullmatch(key)
    return (found["number"], found["article"]) if found else (None, None)


def _file_of(key: str) -> str:
    found = _KEY.fullmatch(key)
    return found["file"] if found else key


def _record(part: InputPart, number: int, settings: Mapping[str, Any]) -> Record | None:
    """Return the record of a file with a number, None where there is none."""
    limit = int(settings.get("body_limit", BODY_LIMIT))
    options = ReadOptions(text_column=settings.get("text_column", "text"), body_limit=limit)
    for record in read_part(part, options):
        if isinstance(record, Record) and record.number <= number <= record.last_number:
            return record
    return None


def other_rules(manifest: Mapping[str, Any]) -> bool:
    """Return whether a corpus was cleaned by other rules than those of this version."""
    return bool(manifest["versions"]["cleaning_rules"] != rules_version())
