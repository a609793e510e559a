"""A language pack of the user's as it was found, before anything reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSource:
    """A pack as it was found: its `name` (the language), `where` it is (a file, an installed package), its TOML `text`.

    `fault` is a sentence that says why there is no text, None where there is.
    """

    name: str
    where: str
    text: str = field(repr=False)
    fault: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of its text."""
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
