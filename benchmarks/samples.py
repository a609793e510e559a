"""Samples for training and testing the models of blocks: documents of labelled pages, with a label for each block.

`PAGES`, the data directory of the benchmarks that use this, has `<set>/<id>.json` (`url`, `lang`, `gold_text`,
`title_cands`) beside `<id>.html.gz`. Nothing of it is kept in the project. Documents are cached in `--cache`.
"""

from __future__ import annotations

import gzip
import json
import pickle
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import lxml.etree
import lxml.html
import numpy
import trafilatura

from benchmarks.variants import variant
from saaf import cleaning
from saaf.cleaning.html.decode import decode
from saaf.cleaning.model.analysis import block_features, block_phrases
from saaf.cleaning.pipeline import apply_rules
from saaf.cleaning.readers.html import read_html
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.rules import RULES
from saaf.cleaning.types import Document, Page, Track, apply_removals
from saaf.corpus.evaluation.metrics import comparison_key, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from saaf.cleaning.model.text_features import Columns

_SKIPPED = frozenset(
    ["script", "style", "noscript", "template", "svg", "head", "iframe", "object", "select", "textarea"]
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"])
_LONG_LINE = 40  # letters: a line as long stands in the gold text because it is content, not by chance
_NEAR = 4  # lines: a short line is content where a long line of the gold text is as near
_MIN_OVERLAP = 0.6  # share of a line's trigrams, or of its words, that the gold text must have
_VARIANT_EVERY = 3  # one page in so many has a variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A document with a label for each block: 1 content, 0 residue, -1 neither (the headline, a line without letters).

    `origin` says what the text is: "page" (all of it), "variant" (the page in another form, see
    `benchmarks.variants`), "trafilatura" (its output) or "gold".
    """

    name: str
    set: str
    site: str
    language: str
    origin: str
    gold: str
    headlines: frozenset[str]
    document: Document
    columns: Columns
    labels: NDArray[numpy.int8]


def site_of(url: str, name: str) -> str:
    """Return the registered domain of a URL, `name` where there is none; pages of one domain are in one fold."""
    labels = (urlsplit(url or "").hostname or "").split(".")
    depth = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-depth:]) or name


def samples(pages: Path, track: Track, cache: Path | None = None) -> list[Sample]:
    """Return the samples of a data directory for one track, sorted by name."""
    cached = cache / f"{track.value}.pickle" if cache else None
    with ProcessPoolExecutor() as pool:
        if cached and cached.exists():
            found: list[Sample] = pickle.loads(cached.read_bytes())  # noqa: S301  (written by this function)
        else:
            make = _html_samples if track is Track.HTML else _text_samples
            found = [one for some in pool.map(make, sorted(pages.glob("*/*.json")), chunksize=8) for one in some]
            if cached:
                cached.parent.mkdir(parents=True, exist_ok=True)
                cached.write_bytes(pickle.dumps(found))
        columns = pool.map(_features, [one.document for one in found], chunksize=8)
        return [replace(one, columns=own) for one, own in zip(found, columns, strict=True)]


def _features(document: Document) -> Columns:
    return block_features(document, block_phrases(document)).features


def read_labelled_page(meta: Path) -> tuple[dict[str, object], Page] | None:
    """Return the record and the page of a `.json` file; None where it has no gold text or is marked as suspect."""
    record = json.loads(meta.read_text(encoding="utf-8"))
    if record.get("gold_text") is None or record.get("suspect"):
        return None
    return record, Page(url=record.get("url"), body=gzip.decompress(meta.with_suffix(".html.gz").read_bytes()))


def _html_samples(meta: Path) -> list[Sample]:
    found = read_labelled_page(meta)
    if found is None:
        return []
    record, page = found
    samples = []
    try:
        samples.append(_sample(meta, record, "page", read_html(page, votes="all")))
        if made := _variant(meta, record, page):
            record, page = made
            samples.append(_sample(meta, record, "variant", read_html(page, votes="all")))
    except cleaning.Unreadable:
        pass
    return samples


def _variant(meta: Path, record: dict[str, object], page: Page) -> tuple[dict[str, object], Page] | None:
    """Return record and page of a variant for one page in `_VARIANT_EVERY`, None for the others."""
    seed = zlib.crc32(meta.stem.encode())
    made = variant(decode(page.body, None).text, str(record["gold_text"]), seed) if seed % _VARIANT_EVERY == 0 else None
    if made is None:
        return None
    headers = (("content-type", "text/html; charset=utf-8"),)
    return record | {"gold_text": made[1]}, replace(page, body=made[0], headers=headers)


def _text_samples(meta: Path) -> list[Sample]:
    found = read_labelled_page(meta)
    if found is None:
        return []
    record, page = found
    texts = {
        "page": (record, visible_text(page.body)),
        "trafilatura": (record, trafilatura.extract(decode(page.body, None).text) or ""),
        "gold": (record, str(record["gold_text"])),
    }
    if made := _variant(meta, record, page):
        texts["variant"] = (made[0], visible_text(made[1].body))
    return [
        _sample(meta, own, origin, _after_rules(text, page.url))
        for origin, (own, text) in texts.items()
        if text.strip()
    ]


def _after_rules(text: str, url: str | None) -> Document:
    """Return the document of what the rules leave of a text: the input of the model of plain text."""
    whole = document_from_text(text, url=url)
    left = apply_removals(text=whole.text, removals=apply_rules(whole, (), RULES))
    return replace(document_from_text(left or text, url=url), flags=whole.flags)


def _sample(meta: Path, record: dict[str, object], origin: str, document: Document) -> Sample:
    lines = [document.text[block.start : block.end] for block in document.blocks]
    headlines = frozenset(record.get("title_cands") or ())  # type: ignore[call-overload]  # strings, by the format
    gold = str(record["gold_text"])
    return Sample(
        name=f"{meta.parent.name}/{meta.stem}",
        set=meta.parent.name,
        site=site_of(str(record.get("url") or ""), str(record.get("site") or meta.stem)),
        language=str(record["lang"]),
        origin=origin,
        gold=gold,
        headlines=headlines,
        document=document,
        columns={},
        labels=numpy.array(labels(lines, gold, headlines, cut=origin == "variant"), dtype=numpy.int8),
    )


def labels(lines: Sequence[str], gold: str, headlines: frozenset[str], *, cut: bool = False) -> list[int]:
    """Return 1 for each line that the gold text holds, 0 for others, -1 for headlines and lines without letters.

    A short line ("World", "Sport") may stand in a gold text by chance: it is content only near a long line of the gold
    text or, where the gold text was `cut` into short lines, where it is one of them.
    """
    held, known = comparison_key(gold), words(gold)
    trigrams, vocabulary = set(zip(known, known[1:], known[2:], strict=False)), set(known)
    gold_lines = {comparison_key(line) for line in gold.split("\n")}
    spelled = [comparison_key(line) for line in lines]
    inside = [_is_in_gold(line, key, held, trigrams, vocabulary) for line, key in zip(lines, spelled, strict=True)]
    certain = [index for index, key in enumerate(spelled) if inside[index] and len(key) >= _LONG_LINE]
    found = []
    for index, key in enumerate(spelled):
        if len(key) < 2 or (key in headlines and len(key) >= 8):
            found.append(-1)
        elif cut and key in gold_lines:
            found.append(1)
        elif not inside[index] or len(key) >= _LONG_LINE:
            found.append(int(inside[index]))
        elif not certain:
            found.append(int(key in gold_lines))
        else:
            near = any(abs(index - other) <= _NEAR for other in certain)
            within = certain[0] <= index <= certain[-1]
            beside = key in gold_lines and certain[0] - 3 <= index <= certain[-1] + 3
            found.append(int(near and (within or beside)))
    return found


def _is_in_gold(line: str, key: str, held: str, trigrams: set[tuple[str, str, str]], vocabulary: set[str]) -> bool:
    if key in held:
        return True
    own = words(line)
    grams = list(zip(own, own[1:], own[2:], strict=False))
    if len(grams) >= 4:
        return sum(gram in trigrams for gram in grams) >= _MIN_OVERLAP * len(grams)
    return len(own) > 3 and sum(word in vocabulary for word in own) >= _MIN_OVERLAP * len(own)


def visible_text(body: bytes) -> str:
    """Return all visible text of a page, one block per line: what is left where the markup was thrown away."""
    source = decode(body, None).text.replace("\0", "").encode("utf-8", "ignore")
    root = lxml.html.document_fromstring(source, parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=True))
    return "\n".join(_lines(root))


def _lines(root: lxml.html.HtmlElement) -> Iterator[str]:
    pieces: list[str] = []
    events = lxml.etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        named = isinstance(element.tag, str) and element.tag not in _SKIPPED
        if not named and event == "start":
            events.skip_subtree()
        if named and element.tag not in _INLINE:
            line, pieces = " ".join("".join(pieces).split()), []
            if line:
                yield line
        if event == "start" and named:
            pieces.append(element.text or "")
        elif event == "end":
            pieces.append(element.tail or "")
    if line := " ".join("".join(pieces).split()):
        yield line
