"""Every rule there is, in the order in which they look at a text."""

from typing import Final

from cleaning.rules import appended, echoes, furniture, region, teasers
from cleaning.rules.phrases import phrase_rules
from cleaning.types import Rule

# Menus and footers go first: they are the bulk of a whole page, and would pass for much else. An appended article is
# told by its cue and its date, a headline by its copy: these rules come before those that take labels and dates away.
RULES: Final[tuple[Rule, ...]] = (
    *region.RULES,
    *appended.RULES,
    *echoes.RULES,
    *phrase_rules(),
    *furniture.RULES,
    *teasers.RULES,
)
