"""Rule of the block classifier, applied after all others: lines of a plain text that it classifies as boilerplate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from saaf.cleaning.decision.decide import MODEL_RULE, decide
from saaf.cleaning.model.analysis import analyse_blocks
from saaf.cleaning.readers.whole_page import WHOLE_PAGE
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.types import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from saaf.cleaning.model.track_forests import Forests
    from saaf.cleaning.phrases.annotated_text import AnnotatedText
    from saaf.cleaning.types import Document, Removal


def find_residue(document: Document, text: AnnotatedText, forests: Forests | None = None) -> Iterable[Removal]:
    """Yield the lines of a whole page's plain text that the block classifier removes; nothing of any other document.

    The blocks of HTML are classified earlier, by `decide`. A text without menus or footers is left to the other rules:
    the classifier was trained on whole pages, where verses and names of speakers hardly occur. `forests` are None for
    the shipped ones.
    """
    if WHOLE_PAGE in document.flags:
        blocks = tuple(Block(start=line.start, end=line.end) for line in text.lines)
        lines = replace(document, blocks=blocks)
        yield from decide(lines, analyse_blocks(lines, forests=forests, phrases=text.phrases)).removals


_MENU: Final = "Home\nNews\nSport\nWeather\nFerries\nHarbour\nTides\nPeople\nShops\nSchools\nMaps\nEvents\n"
_FOOTER: Final = (
    "About the paper\nStaff\nPrices\nBack issues\nLetters\nSailing club\nChoir\nLibrary\nFire brigade\nLost and found\n"
)
_VERSES: Final = (
    "The harbour lies in silver light,\nthe boats lie still, the bells are rung,\nand not a gull in sight.\n" * 5
)
_TEXT: Final = (
    "Ferry to the outer islands sails again\n"
    "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour.\n"
    "Some three hundred people had waited for it, the harbour master said, and most of them slept in the school.\n"
    "The ship carried bread and mail on its first trip, and came back with forty sheep.\n"
)

RESIDUE: Final = Rule(
    id=MODEL_RULE,
    why="The block classifier, which knows the shape of lines and of their neighbours but no words, calls it residue.",
    find=find_residue,
    removes=(f"{_MENU}{_TEXT}{_FOOTER}",),
    keeps=(_TEXT, f"What you need\nFlour\nWater\nSalt\n{_TEXT}", f"{_VERSES}{_TEXT}{_VERSES}"),
)
