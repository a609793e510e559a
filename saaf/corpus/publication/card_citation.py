"""The part of a data set card that says how to cite the corpus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from saaf.corpus.publication.markdown import NOT_RECORDED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saaf.corpus.publication.statistics import CorpusStatistics


def how_to_cite(name: str, counted: CorpusStatistics, facts: Mapping[str, str]) -> list[str]:
    """Return the lines on citing a corpus: as its makers state it, or what is known of it as an entry of BibTeX."""
    if citation := facts.get("citation"):
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", citation)), default=0))
        return ["## How to cite", "", f"{fence}bibtex" if citation.startswith("@") else fence, citation, fence]
    year = (counted.total.last_date or "")[:4]
    title, author = (_bibtex(value) for value in (name, facts.get("publisher") or ""))
    missing = "address it is published at" if author else "author and the address it is published at"
    return [
        "## How to cite",
        "",
        "```bibtex",
        "@misc{corpus,",
        f"  title = {{{title or 'corpus'}}},",
        *([f"  author = {{{{{author}}}}},"] if author else []),
        *([f"  year = {{{year}}},"] if year else []),
        f"  note = {{A web corpus made with saaf. Name the {missing}}}",
        "}",
        "```",
        "",
        f"{'Address' if author else 'Author and address'}: {NOT_RECORDED}.",
    ]


def _bibtex(value: str) -> str:
    return "".join(each for each in value if each.isalnum() or each in " -_.")
