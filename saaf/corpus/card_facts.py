"""What the makers of a corpus say of it for its card: its name, publisher, licence and the like, from saaf.toml."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """Facts for README.md and croissant.json that nothing but their makers can know, each None where nobody says it.

    `name` is the name of the data set, `pretty_name` the one that people read, None for the name. `licence` is that of
    the collection as the Hub writes it ("cc-by-4.0", "odc-by", "other"), or a URL; it says nothing of the texts, whose
    licences are in the columns. `publisher` and `contact` are whoever publishes it, and where to write to. `purpose`
    says what it was made for, `citation` how to cite it, as BibTeX or as a sentence; it may have several lines. Raises
    ValueError for a value that is empty or cannot be printed.
    """

    name: str | None = None
    pretty_name: str | None = None
    licence: str | None = None
    publisher: str | None = None
    contact: str | None = None
    purpose: str | None = None
    citation: str | None = None

    def __post_init__(self) -> None:
        for key, value in asdict(self).items():
            if value is None:
                continue
            lines = value.split("\n") if isinstance(value, str) and key in ("citation", "purpose") else [value]
            if not all(isinstance(one, str) and one.replace("\t", " ").isprintable() for one in lines):
                raise ValueError(f"{key} of the card is text that can be printed, not {value!r}")
            if not value.strip():
                raise ValueError(f"{key} of the card is empty: leave it out, or write it")

    def stated(self) -> dict[str, str]:
        """Return the facts that are stated, by name."""
        return {key: value.strip() for key, value in asdict(self).items() if value is not None}


CARD_KEYS = tuple(each.name for each in fields(CardFacts))
"""The keys of the table [card] of saaf.toml."""
