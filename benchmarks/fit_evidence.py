"""Fits the points of `cleaning.decide` to labelled pages: `python -m benchmarks.fit_evidence PAGES`.

PAGES holds `<set>/<id>.html.gz` with `<id>.json` {url, gold_text, title_cands}. Each block is labelled by whether the
gold text holds it; each page weighs the same, and each block by its share of the gold text, so that the loss counts
what a reader would miss or have to skip. Prints a weight for each fact; the table in `decide` holds them rounded.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cleaning import Page, Unreadable, read
from cleaning.evidence import evidence, widths
from cleaning.votes import letters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_KEPT_WEIGHT = 1.5  # a lost block is a little worse than a kept one that should go


def labelled(folder: Path, every: int) -> Iterator[tuple[dict[str, float], bool, float]]:
    """Yield the facts, the label and the weight of each block of every n-th page."""
    for number, path in enumerate(sorted(folder.glob("*/*.json"))):
        page = json.loads(path.read_text(encoding="utf-8"))
        if number % every or page.get("gold_text") is None:
            continue
        body = gzip.decompress(path.with_suffix(".html.gz").read_bytes())
        headers = (("content-type", "text/html"),)
        try:
            document = read(Page(url=page.get("url"), body=body, headers=headers))
        except Unreadable:
            continue
        texts = [document.text[block.start : block.end] for block in document.blocks]
        facts = evidence(document.blocks, texts, widths(texts))
        words = _WORD.findall(page["gold_text"])
        grams, spelled = set(zip(words, words[1:], words[2:], strict=False)), letters(page["gold_text"])
        titles = set(page.get("title_cands") or ())
        for text, fact in zip(texts, facts, strict=True):
            own = _WORD.findall(text)
            if letters(text).casefold() in titles or not own:
                continue
            runs = list(zip(own, own[1:], own[2:], strict=False))
            near = len(runs) >= 4 and sum(run in grams for run in runs) >= 0.6 * len(runs)
            held = near or letters(text) in spelled
            weight = min(0.2, len(own) / max(30, len(words)) + 0.003)
            yield fact, held, weight * (_KEPT_WEIGHT if held else 1.0)


def fit(rows: NDArray[np.float64], labels: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the coefficients of a weighted logistic regression, by Newton's method with a little shrinkage."""
    found = np.zeros(rows.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weights * (chance - labels)) + 0.01 * found
        curve = (rows * (weights * chance * (1 - chance))[:, None]).T @ rows + 0.01 * np.eye(len(found))
        found -= np.linalg.solve(curve, slope)
    return found


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--every", type=int, default=3, help="use every n-th page (default 3)")
    options = parser.parse_args()
    blocks = list(labelled(options.pages, options.every))
    names = sorted({name for fact, _, _ in blocks for name in fact})
    rows = np.array([[*(fact.get(name, 0.0) for name in names), 1.0] for fact, _, _ in blocks])
    points = fit(rows, np.array([float(held) for _, held, _ in blocks]), np.array([weight for _, _, weight in blocks]))
    for name, value in sorted(zip([*names, "start"], points, strict=True), key=lambda item: -item[1]):
        print(f"{name:32}{value:7.2f}")


if __name__ == "__main__":
    main()
