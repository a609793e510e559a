"""Rules for boilerplate lines of any language, by shape: dates, initials, addresses, counters, copyright, menus."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import regex

from saaf.cleaning.dates.date_lines import is_date_line
from saaf.cleaning.dates.parser import date_line
from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.text.lines import COPYRIGHT, INITIALS_LINE, SIGNATURE, WEB_ADDRESS, Line
from saaf.cleaning.types import Document, Removal, Track

_ORNAMENT: Final = regex.compile(r"[\s\-–—_*=~•·.#|/\\<>«»‹›←→↑↓▲▼►◄■□●○★☆\p{So}]+")
_ADDRESS: Final = regex.compile(
    rf"\s*{WEB_ADDRESS}\s*"
    r"|\s*[\w.+-]+@[\w-]+\.[\w.-]+\s*|\s*@\w{2,30}\s*|(?:\s*#[\p{L}\p{M}\p{N}_]{2,40}){2,}\s*"
)
_MAX_NOTICE_WIDTH: Final = 200
_NOTICE_CHARACTERS: Final = 120  # of a line, in which the sign and the year are searched
_COUNTER: Final = regex.compile(
    r"\s*[\p{Nd}.,٫٬]+\s*[kKmM]?\s*|\s*[\p{Nd}]{1,2}:[\p{Nd}]{2}(?::\p{Nd}{2})?\s*(?:[ap]\.?m\.?)?\s*", regex.IGNORECASE
)
_MENU_ENTRY: Final = r"[^|•·»›>＞\p{N}]{1,40}"
# Behind arrows the last entry of a path is the headline, whatever it holds; behind bars it could be a table's figure.
_MENU_BAR: Final = regex.compile(
    rf"{_MENU_ENTRY}(?:\s[|•·»›>＞]+\s{_MENU_ENTRY}){{2,}}|{_MENU_ENTRY}(?:\s[»›>＞]+\s{_MENU_ENTRY})+\s[»›>＞]+\s.{{1,120}}"
)
_PART_SEPARATOR: Final = regex.compile(r"\s+[/|•·–—-]+\s+|\s*[|•·]\s*")
_PART_SEPARATORS: Final = "/|•·–—-"
_SIGNS_OF_ADDRESS: Final = ("@", "#", "://", "www.")
_BARS_OF_MENU: Final = "|•·»›>＞"
_BAR: Final = " | "
_MAX_METADATA_WIDTH: Final = 120
_METADATA_PARTS: Final = range(3, 7)


def _find_outside_prose(
    matches: Callable[[Line], bool], rule: str, document: Document, text: AnnotatedText
) -> Iterable[Removal]:
    """Yield the lines outside the prose that match; none where such lines stand between paragraphs too: those are
    subheadings (a diary's dates, a live blog's times of day), and so are the first and the last of them. Of a page's
    tables the block decision keeps the article's: their rows stay.
    """
    found = [line for line in text.outside() if matches(line)]
    if document.track is Track.HTML:
        found = [line for line in found if not _is_table_row(text, line)]
    if not found or any(matches(line) for line in text.lines[text.first : text.last]):
        return
    for line in found:
        yield Removal(start=line.start, end=line.end, rule=rule)


def _is_table_row(text: AnnotatedText, line: Line) -> bool:
    """Return whether a line and the one before or after it have the same number of bars, as rows of a table do."""
    bars = line.text.count(_BAR)
    beside = [text.lines[at] for at in (line.number - 1, line.number + 1) if 0 <= at < len(text.lines)]
    return bars > 0 and any(other.text.count(_BAR) == bars for other in beside)


def find_initials(_document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield lines of editors' initials outside the prose, rows of dashes there, and initials at the end of the last
    paragraph or after it.
    """
    for line in text.outside():
        # A look at a few characters spares most lines the patterns.
        is_ornament = not line.text[0].isalpha() and _ORNAMENT.fullmatch(line.text)
        if is_ornament or ("/" in line.text and line.number and INITIALS_LINE.fullmatch(line.text)):
            yield Removal(start=line.start, end=line.end, rule="line.initials")
    for line in text.lines[max(text.last - 1, 0) :]:
        if "/" in line.text and (match := SIGNATURE.search(line.text)):
            yield Removal(start=line.start + match.start(), end=line.end, rule="line.initials", score=0.9)


def find_copyright(_document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield copyright notices: lines with a copyright sign, or the word, and a year, or that begin with the sign."""
    for line in text.lines:
        if line.width <= _MAX_NOTICE_WIDTH and _is_copyright(line.text[:_NOTICE_CHARACTERS]) and line.number != 0:
            yield Removal(start=line.start, end=line.end, rule="line.copyright")


def _is_copyright(text: str) -> bool:
    if text.isascii():  # most lines have neither, which takes a tenth of the time to see
        lowered = text.lower()
        if "(c)" not in lowered and "copyright" not in lowered:
            return False
    return COPYRIGHT.search(text) is not None


def _is_address(line: Line) -> bool:
    return _has_one_of(line.text, _SIGNS_OF_ADDRESS) and bool(_ADDRESS.fullmatch(line.text))


def _is_counter(line: Line) -> bool:
    return not line.text[0].isalpha() and bool(_COUNTER.fullmatch(line.text))


def _is_menu_bar(line: Line) -> bool:
    return line.headline and _has_one_of(line.text, _BARS_OF_MENU) and bool(_MENU_BAR.fullmatch(line.text))


def _has_one_of(text: str, signs: Iterable[str]) -> bool:
    """Return whether a text has one of the signs that a pattern asks for: most have none, and need no pattern."""
    return any(map(text.__contains__, signs))


def _is_metadata_line(line: Line) -> bool:
    """Return whether a line is a row of three to six short parts, one of them a date: section, date, views."""
    if not line.headline or line.width > _MAX_METADATA_WIDTH or not _has_one_of(line.text, _PART_SEPARATORS):
        return False
    if not any(map(str.isdigit, line.text)):
        return False
    parts = _PART_SEPARATOR.split(line.text)
    dates = (date_line(part, language=language, fetched_at=None) for part in parts for language in (None, "en"))
    return len(parts) in _METADATA_PARTS and any(dates)


_PROSE: Final = (
    "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
)

RULES: Final = (
    Rule(
        id="line.date",
        why="A line that is only a date, before or after the text: it belongs to the metadata.",
        find=partial(_find_outside_prose, is_date_line, "line.date"),
        removes=(
            f"Ferry sails again\n14 December 2024\n{_PROSE}",
            f"{_PROSE}\n16 مارس، 2025",
            f"2024年12月14日 10:30\n{_PROSE}",
        ),
        keeps=(
            f"Oslo, Tuesday\n{_PROSE}",
            f"4 दिसंबर भारतीय नौसेना दिवस\n{_PROSE}",
            f"1 May 2013\n{_PROSE}\n2 May 2013\n{_PROSE}\n3 May 2013\n{_PROSE}",
        ),
    ),
    Rule(
        id="line.initials",
        why="Initials of the editors, or a row of dashes, close the text.",
        find=find_initials,
        removes=(f"{_PROSE}\n–\nकेके/एएस", f"{_PROSE}\nab/cd (dpa)", f"{_PROSE} --SK/RT"),
        keeps=(f"{_PROSE}\n***\n{_PROSE}", f"{_PROSE}\n— Rabindranath Tagore", f"{_PROSE}\nThe end"),
    ),
    Rule(
        id="line.copyright",
        why="A copyright notice.",
        find=find_copyright,
        removes=(f"{_PROSE}\n© 2024 Island Post. All rights reserved.", f"{_PROSE}\nCopyright Island Post 2024"),
        keeps=(f"{_PROSE}\nThe copyright law is older than the ferry.",),
    ),
    Rule(
        id="line.address",
        why="A line that is only a web address, a mail address or a row of hashtags, outside the text.",
        find=partial(_find_outside_prose, _is_address, "line.address"),
        removes=(
            f"{_PROSE}\nhttps://island.example/ferry",
            f"https://island.example/{'%D8%B9%D8%A8' * 20}/\n{_PROSE}",
            f"https://island.example/عبارة-الجزر-البعيدة\n{_PROSE}",
            f"{_PROSE}\n#ferry #storm",
        ),
        keeps=(
            f"{_PROSE}\nWrite to the harbour office",
            f"{_PROSE}\n#1 on the list",
            f"{_PROSE}\nhttps://island.example/ferry渡船星期二恢复通航",
        ),
    ),
    Rule(
        id="line.counter",
        why="A line that is only a number or a time of day, outside the text: views, comments, shares.",
        find=partial(_find_outside_prose, _is_counter, "line.counter"),
        removes=(f"Ferry sails again\n1,204\n{_PROSE}", f"{_PROSE}\n12:45"),
        keeps=(f"{_PROSE}\n3 boats", "1\n2\n3"),
    ),
    Rule(
        id="line.menu",
        why="Menu entries in one line, parted by bars or arrows, outside the text.",
        find=partial(_find_outside_prose, _is_menu_bar, "line.menu"),
        removes=(f"Home | News | Sport | Weather\n{_PROSE}", f"Home » News » Islands\n{_PROSE}"),
        keeps=(f"Barcelona | 3\n{_PROSE}", f"Heron | rowing | 31\n{_PROSE}"),
    ),
    Rule(
        id="line.meta",
        why="Section, date and number of views in one line, outside the text.",
        find=partial(_find_outside_prose, _is_metadata_line, "line.meta"),
        removes=(f"Ferries / 2024-12-14 / 1,204 views\n{_PROSE}", f"{_PROSE}\nनगर | 14 दिसंबर 2024 | पढ़ा गया"),
        keeps=(f"Heron – Cormorant – 14 December 2024 was the third race.\n{_PROSE}", f"3 / 4 / 5\n{_PROSE}"),
    ),
)
