"""The elements of a page's tree by tag, found in one walk: each search of lxml's for tags is another walk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement


@dataclass(slots=True, kw_only=True, eq=False)
class PageElements:
    """The elements of a tree in document order, as they were when it was walked: make another one where it changed.

    To hold them spares time too: lxml makes the object of an element anew for each search that finds it, unless
    something refers to it. `places` are the indices of the elements of each tag; `class_names` caches the values of
    their class attributes, a line each.
    """

    elements: list[HtmlElement] = field(repr=False)
    places: dict[object, list[int]] = field(repr=False)
    class_names: str | None = field(default=None, repr=False)

    def iter(self, *tags: str) -> list[HtmlElement]:
        """Return the elements with one of the `tags` in document order, as `HtmlElement.iter` yields them."""
        places = [place for tag in tags for place in self.places.get(tag, ())]
        return [self.elements[place] for place in (sorted(places) if len(tags) > 1 else places)]

    def may_have_class(self, *parts: str) -> bool:
        """Return False where no class attribute contains one of the `parts`."""
        if self.class_names is None:
            self.class_names = "\n".join([names for element in self.elements if (names := element.get("class"))])
        return any(map(self.class_names.__contains__, parts))


def elements_of(root: HtmlElement, before: PageElements | None = None) -> PageElements:
    """Return the elements of a tree; `before` are those that it had before some were taken out, None where not known:
    the classes that they had are not collected again.
    """
    elements = list(root.iter())
    places: dict[object, list[int]] = {}
    for place, element in enumerate(elements):
        tag = element.tag
        if tag in places:
            places[tag].append(place)
        else:
            places[tag] = [place]
    return PageElements(elements=elements, places=places, class_names=before.class_names if before else None)
