"""The settings of a build: every choice that a corpus depends on, in one frozen value that the manifest records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from saaf import dedupe
from saaf.cleaning.phrases.user_packs import parse_user_packs
from saaf.cleaning.postprocess import match_rule_ids
from saaf.cleaning.quality.personal_data import DEFAULT_KINDS
from saaf.cleaning.rights.signals import product_tokens
from saaf.cleaning.text.fasttext_file import language_of_label
from saaf.cleaning.text.language_codes import parse_languages
from saaf.corpus.card_facts import CardFacts
from saaf.corpus.engine_names import EngineName
from saaf.corpus.limits import BODY_LIMIT, MAX_WORKERS, default_workers
from saaf.corpus.no_content import parse_skip_types
from saaf.corpus.process_limits import CPU_SECONDS, MEMORY_BYTES, Limits
from saaf.corpus.quality_filter import parse_quality_filter
from saaf.corpus.rights import RightsPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum
    from pathlib import Path

    from saaf.cleaning.phrases.pack_source import PackSource
    from saaf.cleaning.text.fasttext_file import ModelFile
    from saaf.corpus.quality_filter import QualityFilter

DEFAULT_DUMP = "saaf"
"""The name of the collection of documents whose input states none, where none is given."""
REPLACEABLE = ("id", "dump", "language")
"""The columns that a build can be told to make itself, whatever tables state."""

Progress = Callable[[str, int, int | None], None]
"""A function that is called as `report_progress(step, done, total)`; `total` is None where it is not known."""
Notify = Callable[[str], None]
"""A function that is called with a sentence for the user."""

MIN_THRESHOLD = 0.05
MIN_TOKENS = 20
"""Threshold of length: a clean text with fewer words, or with fewer than twice as many characters in a script without
spaces, is no document. Of 1,597 pages of news, blogs and forums with known main text in 30 languages, the shortest text
had 36 words, or 99 characters in a script without spaces; about half of that leaves room for a news flash and none for
a caption or a player's label.
"""

_CHOICES: dict[str, type[StrEnum]] = {"rights": RightsPolicy, "engine": EngineName}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """The settings of a build. Raises ValueError where a value cannot be used.

    `dump` is the name of the crawl or collection, for the column of that name: of documents whose table or capture
    states none, and of all where it is another than `DEFAULT_DUMP`. `text_column`, `html_column`, `url_column` and
    `id_column` are columns of tables, None what data sets name so (`saaf.corpus.columns`). `replace_columns` are the
    columns, of `REPLACEABLE`, that are made anew where a table states them: docs/decisions/0035.
    With `clean` False nothing is removed: texts are compared and kept.
    `languages` are the ISO 639 codes to keep, each alone or with a script ("hi", "hin", "hin_Deva"), all where empty.
    `min_tokens` is the least number of words, and half the least number of characters in a script without spaces.
    `timeout` (seconds of CPU time, so that other work of the machine changes nothing) and `memory_limit` (bytes) hold
    for a page. `body_limit` is the most bytes of a body, unpacked, and bounds what reading holds: a JSON line or WARC
    record has at most twice that, a page of a Parquet column 16 times. `profiles` is a directory of site profiles,
    which this build reads and updates; None learns each site from this build alone. With `fast`, pages whose template
    their site's profile knows are cleaned by that template alone, in a quarter of the time. `keep` are rules, by id
    or pattern ("html.caption", "*.photo_credit"), whose removals stay in the text. With `split_appended`, an article
    that a page prints after its own becomes a document of its own (`saaf.cleaning.postprocess.apply_options`).
    `dedupe` are the settings of the search for near-duplicates. `card` is what README.md and croissant.json say that
    nobody can count, such as the publisher. `rights` says what becomes of documents that their
    publishers reserve from training: "record" keeps them with columns that say so, "skip" leaves them out. `agent` has
    product tokens (RFC 9309), with spaces between, by which rights signals may address the crawler beside those that a
    capture records; where neither says any it is saaf. `quality_filter` has the thresholds that
    documents must pass (`saaf.corpus.quality_filter.parse_quality_filter`), None for none. `skip_types` are the types
    of pages without content of their own ("listing", "error", "login", "consent"; "all") that are left out where their
    score is `saaf.corpus.no_content.SURE_SCORE` or more. `redact` are the kinds of personal data that are replaced in
    all published texts. With `paragraph_languages`, the language of each paragraph is identified. With `markdown`,
    documents have their text as Markdown too. These five need `clean`. `rules` are language packs of the user's own
    (`saaf.corpus.user_packs.read_packs`), `lid` is a fastText model that names the language of each clean text in place
    of the built-in identifiers (`saaf.cleaning.text.fasttext_file.read_language_model`), None for these. `max_lost` is
    the largest share, in [0, 1], that a language or host of 50 documents or more may lose at one step
    (`saaf.corpus.stages.losses.STEPS`) before nothing is published; 1 allows everything. `max_unreadable` is that of
    unreadable inputs, None for a half
    where there are 20 inputs or more. `workers` is the number of worker
    processes; 0 cleans in this process without any limits. `engine` says what runs the tasks. These two have no effect
    on what is written, and the manifest does not record them.
    """

    dump: str = DEFAULT_DUMP
    text_column: str | None = None
    html_column: str | None = None
    url_column: str | None = None
    id_column: str | None = None
    replace_columns: tuple[str, ...] = ()
    clean: bool = True
    languages: tuple[str, ...] = ()
    min_tokens: int = MIN_TOKENS
    timeout: float = CPU_SECONDS
    memory_limit: int = MEMORY_BYTES
    body_limit: int = BODY_LIMIT
    profiles: Path | None = None
    fast: bool = False
    keep: tuple[str, ...] = ()
    split_appended: bool = False
    rights: RightsPolicy = RightsPolicy.RECORD
    agent: str = ""
    quality_filter: QualityFilter | None = None
    skip_types: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    paragraph_languages: bool = False
    markdown: bool = False
    rules: tuple[PackSource, ...] = ()
    lid: ModelFile | None = None
    dedupe: dedupe.Settings = field(default_factory=dedupe.Settings)
    card: CardFacts = field(default_factory=CardFacts)
    max_lost: float = 1.0
    max_unreadable: float | None = None
    workers: int = field(default_factory=default_workers)
    engine: EngineName = EngineName.LOCAL

    def __post_init__(self) -> None:
        if self.workers < 0 or self.min_tokens < 0:
            raise ValueError("the number of workers and the least number of words must be 0 or more")
        if self.workers > MAX_WORKERS:
            raise ValueError(f"{self.workers} workers are too many: give a number of processes up to {MAX_WORKERS}")
        for name in ("max_lost", "max_unreadable"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, not {share}")
        if self.body_limit <= 0:
            raise ValueError("the limit of bodies (bytes) must be more than 0")
        _ = self.limits
        if self.fast and self.profiles is None:
            raise ValueError(
                "fast cleaning needs the site profiles of earlier builds: name the directory of profiles too"
            )
        for name in ("languages", "keep", "redact", "skip_types", "replace_columns"):
            if isinstance(getattr(self, name), str):
                raise TypeError(f"{name} is a tuple of texts: {name}=({getattr(self, name)!r},)")
        for name, choices in _CHOICES.items():
            object.__setattr__(self, name, _choice(name, getattr(self, name), choices))
        self._check_columns()
        if not self.dump.strip() or not self.dump.isprintable():
            raise ValueError(f"the name of the crawl (dump) is text on one line, not {self.dump!r}")
        if any(product_tokens(token).split()[-1:] != [token.lower()] for token in self.agent.split()):
            raise ValueError(
                f"the name of the crawler (agent) is the word that robots.txt calls it by, of letters, digits, - and _,"
                f" such as mybot, not {self.agent!r}"
            )
        match_rule_ids(self.keep, parse_user_packs(self.rules) if self.rules else None)
        self._check_measured()
        known = frozenset(code for code, _ in filter(None, map(language_of_label, self.lid.labels if self.lid else ())))
        object.__setattr__(self, "languages", parse_languages(self.languages, known))

    def _check_columns(self) -> None:
        for name in ("text", "html", "url", "id"):
            if getattr(self, f"{name}_column") == "":
                raise ValueError(f"the name of the column of the {name} is empty: {name}_column is such as {name!r}")
        if unknown := [name for name in self.replace_columns if name not in REPLACEABLE]:
            raise ValueError(f"the columns that can be replaced are {', '.join(REPLACEABLE)}, not {unknown[0]!r}")

    def _check_measured(self) -> None:
        measured = self.quality_filter or self.redact or self.paragraph_languages or self.markdown
        if not self.clean and (measured or self.rules or self.lid or len(self.skip_types)):
            raise ValueError(
                "a quality filter, types of pages to skip, redaction, languages of paragraphs, Markdown, packs and a "
                "language model need texts that are cleaned"
            )
        object.__setattr__(self, "redact", parse_kinds(self.redact))
        object.__setattr__(self, "skip_types", parse_skip_types(self.skip_types))

    @property
    def limits(self) -> Limits:
        """The limits of CPU time and memory for a page. Raises ValueError where one cannot be enforced."""
        return Limits(cpu_seconds=self.timeout, memory_bytes=self.memory_limit)


def _choice(name: str, value: str, choices: type[StrEnum]) -> StrEnum:
    """Return a value as one of the choices. Raises ValueError where it is none."""
    if value not in tuple(choices):
        raise ValueError(f"{name} is one of {', '.join(choices)}, not {value!r}")
    return choices(value)


def parse_kinds(names: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of personal data that `names` stand for, in the order of their columns; "all" is all of them.

    A name may be several with commas between. Raises ValueError for an unknown one.
    """
    given = {part.strip() for name in names for part in name.split(",")} - {""}
    unknown = sorted(given - {"all", *DEFAULT_KINDS})
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)}: no kind of personal data; give all, or some of {', '.join(DEFAULT_KINDS)}"
        )
    return tuple(kind for kind in DEFAULT_KINDS if kind in given or "all" in given)


def threshold_settings(threshold: float) -> dedupe.Settings:
    """Return the settings of a search for near-duplicates with this Jaccard similarity, in [0.05, 1].

    Raises ValueError where it is not: below, the 128 values of a signature cannot find the pairs.
    """
    if not MIN_THRESHOLD <= threshold <= 1.0:
        raise ValueError(
            f"--threshold is {threshold}: give a Jaccard similarity from {MIN_THRESHOLD} to 1, such as 0.7"
        )
    return dedupe.Settings(threshold=threshold)


def pack_faults(settings: BuildSettings) -> tuple[str, ...]:
    """Return what is wrong with language packs of the user's, a sentence for each that is not applied."""
    return parse_user_packs(settings.rules).faults


def parsed_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `BuildSettings` that are no plain values, of what saaf.toml says. Raises ValueError."""
    fields: dict[str, Any] = {}
    if "threshold" in values:
        fields["dedupe"] = threshold_settings(values["threshold"])
    if "quality_filter" in values:
        fields["quality_filter"] = parse_quality_filter(values["quality_filter"])
    return fields
