"""Natural text for the near-duplicate benchmarks, and the edits that make a copy of it.

It comes from a data directory, where one is given, and from what the project owns: the five seed texts, the paragraphs
of its small sites and, in English, its documentation. Of Chinese it has none: characters drawn by Zipf's law are used.
A document is a list of units: words, in Chinese characters.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import lxml.html
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "hi", "ur", "ar", "zh")
_SEEDS = {"hi": "00[013]_*.txt", "ur": "002_*.txt", "ar": "004_*.txt"}
_MIN_PARAGRAPH = 60  # characters: shorter lines are headlines or buttons


def list_languages(texts: Path) -> list[str]:
    """Return the languages of a data directory, sorted."""
    read = (json.loads(path.read_text(encoding="utf-8")) for path in texts.rglob("*.json"))
    return sorted({page["lang"] for page in read if page.get("lang") and page.get("gold_text")})


def natural_texts(language: str, texts: Path | None) -> Iterator[tuple[str, str]]:
    """Yield (URL or path, text) of each natural text of a language.

    `texts` is a directory of JSON files, at any depth, with the fields `lang`, `gold_text` and perhaps `url`.
    """
    for path in sorted(texts.rglob("*.json")) if texts else []:
        page = json.loads(path.read_text(encoding="utf-8"))
        if page.get("lang") == language and page.get("gold_text"):
            yield page.get("url") or path.name, page["gold_text"]
    for path in sorted((ROOT / "seeds").glob(_SEEDS.get(language, "none"))):
        yield path.name, path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "seeds").glob("*/*.html")):
        markup = path.read_bytes().strip()
        root = lxml.html.fromstring(markup) if markup else None
        if root is not None and (root.get("lang") or "").startswith(language):
            paragraphs = ("".join(map(str, each.itertext())) for each in root.iter("p"))
            yield f"{path.parent.name}/{path.name}", "\n".join(paragraphs)
    if language == "en":
        pages = [path for path in sorted((ROOT / "docs").rglob("*.md")) if path.parent.name != "reference"]
        yield from (
            (str(path), path.read_text(encoding="utf-8")) for path in pages
        )  # reference pages repeat themselves


def load_units(language: str, texts: Path | None) -> list[str]:
    """Return the units of all natural texts of a language in running order; no paragraph comes twice."""
    seen: set[str] = set()
    found: list[str] = []
    for _, text in natural_texts(language, texts):
        for line in text.splitlines():
            plain = " ".join(line.split())
            if len(plain) >= _MIN_PARAGRAPH / (3 if language == "zh" else 1) and plain not in seen:
                seen.add(plain)
                found.extend(plain if language == "zh" else plain.split())
    if found or language != "zh":
        return found
    return [chr(0x4E00 + rank) for rank in np.random.default_rng(3).zipf(1.3, 40_000) % 3000]


def cut_passages(corpus: Sequence[str], count: int, lengths: tuple[int, int]) -> list[list[str]]:
    """Return up to `count` passages that do not overlap, each of `lengths` (least, most) units."""
    rng = np.random.default_rng(1)
    found: list[list[str]] = []
    start = 0
    while len(found) < count:
        length = int(rng.integers(lengths[0], lengths[1], endpoint=True))
        if start + length > len(corpus):
            break
        found.append(list(corpus[start : start + length]))
        start += length
    return found


def edit_units(units: Sequence[str], rate: float, corpus: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Return a copy in which units, at a rate of 0 to 1, are replaced (3 of 5), removed or followed by another one."""
    copy: list[str] = []
    for unit, drawn in zip(units, rng.random(len(units)).tolist(), strict=True):
        other = corpus[int(rng.integers(len(corpus)))] if drawn < rate else unit
        if drawn >= rate:
            copy.append(unit)
        elif drawn < rate * 0.6:
            copy.append(other)
        elif drawn >= rate * 0.8:
            copy += [unit, other]
    return copy


def join_units(language: str, units: Sequence[str]) -> str:
    """Return the text of a list of units."""
    return ("" if language == "zh" else " ").join(units)
