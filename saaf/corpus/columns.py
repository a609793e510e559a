"""Columns of tables that others made: which hold text, URL, id and date, by the names that data sets use.

The names are those of FineWeb2, CulturaX, HPLT, dolma, C4 and mC4, OSCAR, RedPajama and datatrove. What is not used is
carried through. Nothing is guessed from the values, so that every part of a file is read alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from saaf.corpus.ledger import Failure, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from saaf.corpus.records import ReadOptions

# The first that a table has is taken. A dot leads into an object: "metadata.url".
TEXT_NAMES: Final = (
    "text", "content", "raw_content", "raw_text", "plain_text", "maintext", "clean_text", "clean_content",
    "article_text", "body_text", "document", "article", "body",
)  # fmt: skip
HTML_NAMES: Final = ("html", "raw_html", "html_content", "page_html")
URL_NAMES: Final = (
    "url", "uri", "u", "source_url", "page_url", "document_url", "link", "warc_target_uri", "target_uri",
    "warc-target-uri", "metadata.url", "meta.url", "metadata.warc_url", "warc_headers.warc-target-uri",
    "metadata.warc_headers.warc-target-uri",
)  # fmt: skip
ID_NAMES: Final = ("id", "doc_id", "docid", "document_id", "_id", "uuid")
DATE_NAMES: Final = (
    "fetched_at", "date", "timestamp", "ts", "crawl_date", "warc_date", "date_download", "metadata.date",
    "metadata.timestamp", "meta.timestamp", "warc_headers.warc-date", "metadata.warc_headers.warc-date",
)  # fmt: skip
DUMP_NAMES: Final = ("dump", "metadata.dump")
LANGUAGE_NAMES: Final = ("language", "lang", "metadata.language", "metadata.lang")
SCRIPT_NAMES: Final = ("language_script",)
SCORE_NAMES: Final = ("language_score",)
PREFIX: Final = "input_"
"""What a column that is carried through has before its name where the corpus has a column of that name."""
_OWN_MARKS: Final = frozenset(("text", "id", "file_path", "removals", "extractor", "rules_version"))
"""Columns by which a table is known as documents of a corpus, of `saaf build`, `dedupe` or `clean`."""
_MADE_ANEW: Final = frozenset(
    (
        "text", "id", "url", "date", "dump", "file_path", "language", "language_script", "language_score",
        "minhash_cluster_size", "site", "track", "removals", "extractor", "rules_version", "redactions",
        "paragraph_languages", "main_language_share",
    )
)  # fmt: skip
"""Columns of a corpus that hold for one build alone: those of an older build are left out."""
_REJECTED: Final = frozenset(("key", "state", "reason", "duplicate_of"))
_NAMES, _NAME_CHARACTERS = 30, 100  # of columns in a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """Which columns of a table are read as what; a name with a dot leads into an object, None where there is no such.

    The body of a page is `html`, and `text` where there is no such column or it is null. Of `dates` the first that is a
    time says when the page was fetched. `carried` are the other columns, and those of language and dates as they stand:
    name in the input, name in the corpus. `older` are those of them that documents of a corpus keep as their own.
    """

    text: str | None = None
    html: str | None = None
    url: str | None = None
    id: str | None = None
    dates: tuple[str, ...] = ()
    dump: str | None = None
    language: str | None = None
    script: str | None = None
    score: str | None = None
    carried: tuple[tuple[str, str], ...] = ()
    older: frozenset[str] = frozenset()

    @property
    def used(self) -> tuple[str, ...]:
        """The names of the columns that are read, without those carried through."""
        single = (self.text, self.html, self.url, self.id, self.dump, self.language, self.script, self.score)
        return tuple(dict.fromkeys(name for name in (*single, *self.dates) if name is not None))

    def __str__(self) -> str:
        """Return the plan in one line: "text from `content`, URL from `url`; carried through: score"."""
        kinds = {
            "HTML": self.html, "text": self.text, "URL": self.url, "id": self.id, "date": ", ".join(self.dates) or None,
            "dump": self.dump, "language": self.language, "script": self.script, "score": self.score,
        }  # fmt: skip
        read = ", ".join(f"{kind} from `{name}`" for kind, name in kinds.items() if name is not None)
        others = ((name, own) for name, own in self.carried if name not in self.older)
        kept = [name if name == own else f"{name} as {own}" for name, own in others]
        kept = ["the columns of a corpus", *kept] if self.older else kept
        return f"{read}; carried through: {', '.join(kept) or 'nothing'}"


def plan_columns(
    names: Sequence[str], options: ReadOptions, nested: Mapping[str, Sequence[str]] | None = None
) -> ColumnPlan | Failure:
    """Return which of the columns `names` are read as what, a failure where none is known to hold text.

    `nested` has the names in each column of objects, with dots where these have objects in turn.
    """
    inner = tuple(f"{name}.{child}" for name, children in (nested or {}).items() for child in children)
    return _plan(tuple(names), inner, options)


@lru_cache(maxsize=256)  # of the last kinds of rows: a file of JSON Lines has one or a few
def _plan(names: tuple[str, ...], inner: tuple[str, ...], options: ReadOptions) -> ColumnPlan | Failure:
    chosen = (options.text_column, options.html_column, options.url_column, options.id_column)
    known = {name.lower(): name for name in reversed((*names, *inner))}
    exact = {*names, *inner}
    for name in filter(None, chosen[:2]):
        if name not in exact:
            return no_column(name, names)
    text, html = _text_columns(options, known)
    if text is None and html is None:
        return unknown_columns(names)

    def find(choice: str | None, candidates: Sequence[str]) -> str | None:
        return (choice if choice in exact else None) if choice else _first(known, candidates)

    language = _first(known, LANGUAGE_NAMES)
    plan = ColumnPlan(
        text=text,
        html=html,
        url=find(options.url_column, URL_NAMES),
        id=find(options.id_column, ID_NAMES),
        dates=tuple(known[name] for name in DATE_NAMES if name in known)[:2],
        dump=_first(known, DUMP_NAMES),
        language=language,
        script=_first(known, SCRIPT_NAMES),
        score=_first(known, SCORE_NAMES) if language else None,
    )
    return _with_carried(plan, names, options)


def _text_columns(options: ReadOptions, known: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the columns of text and of HTML: those that were named, else what is known by its name, text first."""
    if options.html_column:
        return options.text_column, options.html_column
    if options.text_column:
        is_html = options.text_column.lower() in HTML_NAMES
        return (None, options.text_column) if is_html else (options.text_column, None)
    text = _first(known, TEXT_NAMES)
    return text, None if text else _first(known, HTML_NAMES)


def _first(known: Mapping[str, str], candidates: Sequence[str]) -> str | None:
    return next((known[name] for name in candidates if name in known), None)


def _with_carried(plan: ColumnPlan, names: Sequence[str], options: ReadOptions) -> ColumnPlan:
    """Return the plan with the columns that are carried through, each under a name of its own.

    Language and dates are among them, as they stand: the columns of the corpus have them in another form. Documents of
    a corpus keep their columns, title and author say, under their own names, but those in `_MADE_ANEW`.
    """
    if not options.carry_columns:
        return plan
    own_columns = options.corpus_columns - _REJECTED if names and _OWN_MARKS.issubset(names) else frozenset[str]()
    left_out = {plan.text, plan.html, plan.url, plan.id, plan.dump, *(own_columns & _MADE_ANEW)}
    taken = {name.lower() for name in options.corpus_columns}  # Spark tells no cases apart
    given = {name.lower() for name in names}
    carried = []
    for name in dict.fromkeys(names):
        if name in left_out:
            continue
        if name in own_columns:
            carried.append((name, name))
            continue
        own = name or PREFIX
        while own.lower() in taken or (own != name and own.lower() in given):
            own = PREFIX + own
        taken.add(own.lower())
        carried.append((name, own))
    return replace(plan, carried=tuple(carried), older=own_columns - left_out)


def no_column(text_column: str, columns: Sequence[str] | Mapping[str, object]) -> Failure:
    """Return the failure of a row or file without the column; `columns` are those that it has."""
    reason = f"no column {text_column!r}; there are: {listed_columns(columns)}; name the text's (--text-column)"
    return Failure(state=State.UNREADABLE, reason=reason)


def unknown_columns(columns: Sequence[str]) -> Failure:
    """Return the failure of a row or file none of whose columns is known to hold text."""
    reason = f"no column is known to hold text; there are: {listed_columns(columns)}; name the text's (--text-column)"
    return Failure(state=State.UNREADABLE, reason=reason)


def listed_columns(columns: Sequence[str] | Mapping[str, object]) -> str:
    """Return the names of columns as a list in words, the first 30 of them."""
    names = ", ".join(name[:_NAME_CHARACTERS] for name in list(columns)[:_NAMES])
    return f"{names or 'none'}{f' and {len(columns) - _NAMES} more' if len(columns) > _NAMES else ''}"
