"""Every rule there is, in the order in which they look at a text."""

from typing import Final

from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.rules import appended, echoes, furniture, teasers
from saaf.cleaning.rules.phrase_rules import phrase_rules
from saaf.cleaning.rules.rule import Rule

# An appended article is told by its cue and its date, a headline by its copy: these rules come before those that take
# labels and dates away. Headings come last, with whatever is left after them that looks like a teaser. Whole menus and
# footers are the model's, which comes after all of these.
RULES: Final[tuple[Rule, ...]] = (
    *appended.RULES,
    *echoes.RULES,
    *phrase_rules(Role.LABEL, Role.LINE, Role.STATEMENT),
    *furniture.RULES,
    *phrase_rules(Role.HEADING, Role.CUE),
    *teasers.RULES,
)
