"""Rule for shortcodes: the marks of page builders and plugins that a site shows because it no longer runs them."""

from collections.abc import Iterable
from typing import Final

import regex

from saaf.cleaning.phrases.annotated_text import AnnotatedText
from saaf.cleaning.rules.rule import Rule
from saaf.cleaning.types import Document, Removal

RULE: Final = "line.shortcode"
_BUILDERS: Final = "vc|et_pb|fusion|av|mk|nectar|ux|wpb|tatsu|fl|cs|ish|rev|su|tm_pb"
# A name with a builder's prefix, or with attributes in quotes; then its end tag too.
_SHORTCODE: Final = regex.compile(
    rf"\[/?(?:{_BUILDERS})_[a-z0-9_]+(?:\s[^\[\]]*+)?\]"
    r"|\[(?P<name>[a-z][a-z0-9_-]*+)(?:\s+[a-z_-]+=(?:\"[^\"\[\]]*+\"|'[^'\[\]]*+'|[”″“][^\[\]”″“]*+[”″“]))+\s*/?\]"
)
_MAX_LINE: Final = 5_000  # characters


def find_shortcodes(_document: Document, text: AnnotatedText) -> Iterable[Removal]:
    """Yield shortcodes, and the end tags of those with attributes in the same text."""
    names: set[str] = set()
    for line in text.lines:
        if "[" not in line.text or len(line.text) > _MAX_LINE:
            continue
        for found in _SHORTCODE.finditer(line.text):
            names.add(found["name"] or "")
            yield Removal(start=line.start + found.start(), end=line.start + found.end(), rule=RULE)
        for name in sorted(names - {""}):
            start = line.text.find(f"[/{name}]")
            while start >= 0:
                end = start + len(name) + 3
                yield Removal(start=line.start + start, end=line.start + end, rule=RULE)
                start = line.text.find(f"[/{name}]", end)


_PROSE: Final = (
    "The ferry sailed again on Tuesday, five days after the storm had closed the harbour of the outer islands."
)

RULES: Final = (
    Rule(
        id=RULE,
        why="A shortcode of a page builder or a plugin, which the site shows instead of what it stands for.",
        find=find_shortcodes,
        removes=(
            f"[vc_row][vc_column width=”1/2″]\n{_PROSE}\n[/vc_column][/vc_row]",
            f'[caption id="attachment_7" width="300"]The harbour[/caption]\n{_PROSE}',
            f"[et_pb_text admin_label='Text']{_PROSE}[/et_pb_text]",
        ),
        keeps=(
            f"{_PROSE} [1] [sic] [… ] [my_name] [vc]",
            f"{_PROSE}\nboats[heron_two] = boats[/tern] + [a=b]",
            f"[Editor's note: the storm lasted a week.] {_PROSE}",
        ),
    ),
)
