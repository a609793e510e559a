"""Visibility: which elements of a page its readers do not see, by attributes and by the style rules of the page.

A panel that the page can open is seen: a tab, the answer under a question, a section that a search opens.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from lxml import etree

from saaf.cleaning.html.class_names import STATE_CLASS
from saaf.cleaning.html.elements import SKIPPED_TAGS, hidden_elements, visible_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lxml.html import HtmlElement

    from saaf.cleaning.html.page_elements import PageElements

    _Query = Callable[[HtmlElement], list[HtmlElement]]

# By the axis of attributes, which takes a fifth of the time of a predicate.
_WITH_CLASS: Final = cast("_Query", etree.XPath("descendant-or-self::*/@class/.."))
_WITH_ID: Final = cast("_Query", etree.XPath("descendant-or-self::*/@id/.."))
_CONTROLS: Final = cast(
    "_Query",
    etree.XPath(
        "|".join(
            f"descendant-or-self::*/@{each}/.."
            for each in ("aria-controls", "data-target", "data-bs-target", "role[.='tab']")
        )
    ),
)
_HINT: Final = re.compile(r"display\s*:\s*none")  # without regard to case it would be sought ten times as long
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LOWER_DISPLAY: Final = re.compile("display")
_SETS_DISPLAY: Final = re.compile("display", re.IGNORECASE)
_DISPLAY: Final = re.compile(r"(?:^|[;{\s])display\s*:\s*([a-z-]+)\s*(!\s*important)?", re.IGNORECASE)
_NAME: Final = re.compile(r"[.#](?:[\w-]|\\.)+")
_PARTS: Final = re.compile(r"[\s>]+")
_COMPOUND: Final = re.compile(rf"([a-z][a-z0-9]*)?(?:{_NAME.pattern})*", re.IGNORECASE)
# Classes of frameworks that show on wide screens what another class hides: "hidden md:block", "d-none d-lg-flex".
_WIDE_SCREEN: Final = re.compile(r"[.:_-](?:sm|md|lg|xl|xxl|2xl)[:_-](?:block|flex|grid|inline|table|show|visible)")
_LAST_PART: Final = re.compile(r"(?<!\\)[:\[+~*]")
_MAX_STYLE: Final = 500_000  # characters
_MAX_RULES: Final = 500
_MAX_NESTING: Final = 4  # rules inside of others
_MAX_HIDDEN: Final = 5_000  # elements; in the largest of 733 pages 600
_MAX_MATCHES: Final = 1_000_000  # of elements with rules
_MAX_SHARE: Final = 0.6  # of the page's text in a hidden element: with more, the page's scripts show it
_LONG_TEXTS: Final = etree.XPath("//text()[string-length(normalize-space()) >= 30]")
_MIN_ARTICLE_SIZE: Final = 150  # characters of long texts outside links that are seen
_MIN_SIZE: Final = 200  # characters of such an element
_BODY: Final = ("h1", "article", "main")
_MIN_PANELS: Final = 2
_PANEL_TAGS: Final = frozenset(("div", "section", "dd", "p", "article", "aside"))
_MAX_TITLE_SIZE: Final = 200  # characters
_OWN_NUMBER: Final = re.compile(r"\d")


class _Rule(NamedTuple):
    """A style rule that sets `display`: the compound selectors of its elements, outermost first, and whether it hides
    them; `is_simple` is False where a part of the selector was left out. `weight` orders the rules: the greatest wins.
    """

    compounds: tuple[str, ...]
    hides: bool
    is_simple: bool
    weight: tuple[bool, int, int, int]


def show_shadow_roots(elements: PageElements) -> bool:
    """Make the content of declarative shadow roots (HTML standard, `template` with `shadowrootmode`) part of the page,
    as browsers do. Return whether there are any.
    """
    roots = [one for one in elements.iter("template") if "shadowrootmode" in one.attrib or "shadowroot" in one.attrib]
    for template in roots:
        template.tag = "div"
    return bool(roots)


def unseen_elements(root: HtmlElement, elements: PageElements | None = None) -> set[HtmlElement]:
    """Return the elements that readers of a page do not see; their descendants are not seen either.

    Those that an attribute or a style rule of the page hides, less the panels that the page can open. Of style rules,
    those with simple selectors count, outside of @media and the like; none where another rule may show the element, or
    its headline or article stands in it. What holds more than three fifths of the page's text is shown by its scripts.
    `elements` are those of the tree, None where they are not known.
    """
    hidden = hidden_elements(root)
    hidden |= _hidden_by_style(root, elements)
    if not hidden or len(hidden) > _MAX_HIDDEN:
        return hidden
    return hidden - _panels(root, hidden) - _most_of_page(root, hidden)


def _most_of_page(root: HtmlElement, hidden: set[HtmlElement]) -> set[HtmlElement]:
    """Return the `hidden` elements that hold more than three fifths of the page's text: its scripts show them. None
    where paragraphs enough for an article are seen beside them: then they are other articles, for later.
    """
    outer = [element for element in hidden if not any(above in hidden for above in element.iterancestors())]
    # Most hidden elements are small, even with the scripts in them; a small one is never the one with most of the text.
    outer = [element for element in outer if sum(map(len, cast("Any", element.itertext()))) > _MIN_SIZE]
    if not outer:
        return set()
    sizes = [_size(element) for element in outer]
    most = _MAX_SHARE * _size(root) if max(sizes, default=0) > _MIN_SIZE else 0
    found = {element for element, size in zip(outer, sizes, strict=True) if size > most > 0}
    if not found:
        return found
    apart = {*hidden, *root.iter("a", *SKIPPED_TAGS)}
    shown = [
        len(text)
        for text in cast("Any", _LONG_TEXTS(root))
        if (own := text.getparent()) not in apart and not any(above in apart for above in own.iterancestors())
    ]
    return found if sum(shown) < _MIN_ARTICLE_SIZE else set()


def _hidden_by_style(root: HtmlElement, elements: PageElements | None = None) -> set[HtmlElement]:
    style = " ".join([style.text or "" for style in (elements or root).iter("style") if _is_for_screens(style)])
    if _HINT.search(style.lower()) is None:
        return set()
    classes = [(element, (element.get("class") or "").split()) for element in _WITH_CLASS(root)]
    ids = [(element, f"#{element.get('id')}") for element in _WITH_ID(root)]
    used = {f".{name}" for _, own in classes for name in own}.union([own for _, own in ids])
    by_name: defaultdict[str, list[_Rule]] = defaultdict(list)
    for rule in _display_rules(style, used):
        by_name[_names_in(rule.compounds[-1])[0]].append(rule)
    hiding = {name for name, own in by_name.items() if any(rule.hides for rule in own)}
    named = {element for element, _ in (*classes, *ids)} if hiding else ()
    if not hiding or len(named) * max(map(len, by_name.values())) > _MAX_MATCHES:
        return set()
    hiding_classes = {name[1:] for name in hiding if name[0] == "."}
    likely = [element for element, own in classes if not hiding_classes.isdisjoint(own)]
    likely += [element for element, own in ids if own in hiding]
    found = {element for element in likely if _is_hidden(element, by_name)}
    return {element for element in found if next(element.iter(*_BODY), None) is None}


def _is_for_screens(style: HtmlElement) -> bool:
    media = style.get("media")
    return media is None or "all" in media or "screen" in media


def _size(element: HtmlElement) -> int:
    """Return the number of characters of the text in an element, white space between words included."""
    return sum(len(text) for text in visible_texts(element) if not text.isspace())


def _is_hidden(element: HtmlElement, rules: dict[str, list[_Rule]]) -> bool:
    names = _names_of(element)
    if any(map(_WIDE_SCREEN.search, names)):
        return False
    own = [rule for name in names for rule in rules.get(name, ()) if _matches(element, names, rule.compounds[-1])]
    if not any(rule.hides for rule in own):
        return False
    matching = [rule for rule in own if _matches_above(element, rule.compounds[:-1])]
    may_show = any(not rule.hides and (not rule.is_simple or rule not in matching) for rule in own)
    winner = max((rule for rule in matching if rule.is_simple), key=lambda rule: rule.weight, default=None)
    return winner is not None and winner.hides and not may_show


def _names_of(element: HtmlElement) -> set[str]:
    names = {f".{name}" for name in (element.get("class") or "").split()}
    return names | {f"#{element.get('id')}"} if element.get("id") else names


def _matches(element: HtmlElement, names: set[str], compound: str) -> bool:
    tag, wanted = _parts_of(compound)
    return (not tag or tag == element.tag) and names.issuperset(wanted)


@lru_cache(maxsize=1024)
def _parts_of(compound: str) -> tuple[str, frozenset[str]]:
    """Return the tag of a compound selector, "" for none, and its classes and ids."""
    tag = compound[: len(compound) - len(compound.lstrip("abcdefghijklmnopqrstuvwxyz0123456789"))]
    return tag, frozenset(_names_in(compound))


def _names_in(selector: str) -> list[str]:
    """Return the classes (".note") and ids ("#n7") in a selector, escaped signs as they are meant."""
    return [name.replace("\\", "") for name in _NAME.findall(selector)]


def _matches_above(element: HtmlElement, compounds: tuple[str, ...]) -> bool:
    """Return whether the elements around one match the `compounds`, the innermost last, in this order."""
    above = element.iterancestors()
    return all(any(_matches(outer, _names_of(outer), compound) for outer in above) for compound in reversed(compounds))


def _display_rules(style: str, used: set[str]) -> Iterator[_Rule]:
    """Yield the rules of a style sheet that set `display` of elements with a name in `used`. Of those that hold on some
    screens only (@media), the ones that show count, as rules that may show.
    """
    style = style[:_MAX_STYLE]
    pending = [(_COMMENT.sub(" ", style) if "/*" in style else style, True, 0)]
    count = 0
    while pending and count < _MAX_RULES:
        sheet, always, depth = pending.pop()
        for selectors, body in _rules_in(sheet):
            if selectors.startswith("@"):
                if depth < _MAX_NESTING:
                    pending.append((body, always and selectors.startswith("@layer"), depth + 1))
            elif "display" in body.lower() and (declared := _DISPLAY.findall(body)):
                value, important = declared[-1]
                hides = value.lower() == "none"
                for selector in selectors.split(",") if always or not hides else ():
                    count += 1
                    if _first_name(selector) in used and (
                        rule := _rule(selector.strip(), hides, bool(important), count)
                    ):
                        yield rule if always else rule._replace(is_simple=False)


def _rules_in(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the selectors and the body of each rule at the outermost level of a style sheet that may set `display`."""
    places = _places_of_display(sheet)
    start = at = 0
    while at < len(places) and (opened := sheet.find("{", start)) >= 0:
        end = _end_of_rule(sheet, opened)
        at = bisect_right(places, opened, at)  # before it are names of classes
        if at < len(places) and places[at] < end:
            yield sheet[start:opened].rpartition(";")[2].strip(), sheet[opened + 1 : end]
            at = bisect_right(places, end, at)
        start = end + 1


def _places_of_display(sheet: str) -> list[int]:
    """Return where "display" stands in a style sheet, in any case, sorted."""
    lowered = sheet.lower()
    if len(lowered) != len(sheet):  # İ becomes two characters
        return [found.start() for found in _SETS_DISPLAY.finditer(sheet)]
    return [found.start() for found in _LOWER_DISPLAY.finditer(lowered)]


def _end_of_rule(sheet: str, opened: int) -> int:
    """Return the offset of the brace that closes the one at `opened`, the end of the sheet where none does."""
    depth, position = 1, opened
    while depth:
        closing = sheet.find("}", position + 1)
        if closing < 0:
            return len(sheet)
        depth += sheet.count("{", position + 1, closing) - 1
        position = closing
    return position


def _first_name(selector: str) -> str | None:
    """Return the first class or id of the last part of a selector, None where it has none."""
    last = next((part for part in reversed(_PARTS.split(selector)) if part), "")
    found = _NAME.search(_LAST_PART.split(last)[0])
    return found[0].replace("\\", "") if found else None


def _rule(selector: str, hides: bool, important: bool, order: int) -> _Rule | None:
    """Return the rule of one selector; None where its elements cannot be told by names, or only a state hides them."""
    parts = [part for part in _PARTS.split(selector) if part]
    simple = [part for part in parts if (match := _COMPOUND.fullmatch(part)) and match[0]]
    last = _LAST_PART.split(parts[-1])[0] if parts else ""
    if not _NAME.search(last) or (hides and len(simple) < len(parts)):
        return None
    names = [name for part in simple for name in _names_in(part)]
    ids = sum(name[0] == "#" for name in names)
    weight = (important, ids, len(names) - ids, order)
    compounds = (*simple[:-1], last) if len(simple) == len(parts) else (last,)
    return _Rule(compounds=compounds, hides=hides, is_simple=len(simple) == len(parts), weight=weight)


def _panels(root: HtmlElement, hidden: Iterable[HtmlElement]) -> set[HtmlElement]:
    """Return the `hidden` elements that are panels: a search opens them (`until-found`), a tab or the button of a
    heading controls them, an element beside them with the same class is shown, or several stand each behind its title.
    """
    elements = set(hidden)
    controlled = set(_controlled_ids(root)) if any(element.get("id") for element in elements) else set()
    shown: dict[HtmlElement, set[tuple[object, frozenset[str]]]] = {}
    keys = {element: key for element in elements if (key := _accordion_key(element, elements))}
    counts = Counter(keys.values())
    # The size of a title takes longer than all the rest.
    keys = {element: key for element, key in keys.items() if counts[key] >= _MIN_PANELS and _has_short_title(element)}
    counts = Counter(keys.values())
    return {
        element
        for element in elements
        if counts[keys.get(element, ())] >= _MIN_PANELS or _is_panel(element, controlled, elements, shown)
    }


def _controlled_ids(root: HtmlElement) -> Iterator[str]:
    """Yield the ids of what tabs, and buttons and links in headings, open."""
    for control in _CONTROLS(root):
        is_tab = control.get("role") == "tab"
        if is_tab or next(control.iterancestors("h2", "h3", "h4", "h5", "h6", "dt"), None) is not None:
            for name in ("aria-controls", "data-target", "data-bs-target", "href"):
                yield (control.get(name) or "").removeprefix("#")


def _is_panel(
    element: HtmlElement,
    controlled: set[str],
    hidden: set[HtmlElement],
    shown: dict[HtmlElement, set[tuple[object, frozenset[str]]]],
) -> bool:
    """Return whether a `hidden` element is a panel; `shown` caches tag and classes of what is seen in a parent."""
    if element.get("hidden") == "until-found" or element.get("role") == "tabpanel":
        return True
    name = element.get("id")
    if name and name in controlled:
        return True
    own, parent = _lasting_classes(element), element.getparent()
    if parent is None or not own or element.get("aria-hidden") == "true":
        return False
    if parent not in shown:
        shown[parent] = {(other.tag, _lasting_classes(other)) for other in parent if other not in hidden}
    return (element.tag, own) in shown[parent]


def _accordion_key(element: HtmlElement, hidden: set[HtmlElement]) -> tuple[object, ...]:
    """Return what the panels of an accordion have in common: tag and classes of the panel and of the title before it;
    empty where none stands there, and for links, buttons and headings, which are no panels.
    """
    title = element.getprevious() if element.tag in _PANEL_TAGS else None
    if title is None or title in hidden:
        return ()
    return element.tag, _lasting_classes(element), title.tag, _lasting_classes(title)


def _has_short_title(element: HtmlElement) -> bool:
    """Return whether the element before one holds as much text as a title has."""
    title = element.getprevious()
    return title is not None and 0 < _size(title) <= _MAX_TITLE_SIZE


def _lasting_classes(element: HtmlElement) -> frozenset[str]:
    """Return the classes of an element less those of a state ("active") and those with a number of their own."""
    return _lasting(element.get("class") or "")


@lru_cache(maxsize=1024)
def _lasting(classes: str) -> frozenset[str]:
    names = classes.split()
    return frozenset(name for name in names if not STATE_CLASS.fullmatch(name) and not _OWN_NUMBER.search(name))
