"""The rules, except the block classifier's, in the order in which they are applied to a text."""

from typing import Final

from saaf.cleaning.phrases.packs import Role
from saaf.cleaning.rules import appended, boilerplate_lines, duplicate_lines, shortcodes, teasers
from saaf.cleaning.rules.phrase_rules import phrase_rules
from saaf.cleaning.rules.rule import Rule

# An appended article is recognised by its cue and its date, a headline by its copy: these rules come before those that
# remove labels and dates. Headings come last, with the lines left after them that have the shape of a teaser. Whole
# menus and footers are left to the block classifier, whose rule comes after all of these.
RULES: Final[tuple[Rule, ...]] = (
    *shortcodes.RULES,
    *appended.RULES,
    *duplicate_lines.RULES,
    *phrase_rules(Role.LABEL, Role.LINE, Role.STATEMENT),
    *boilerplate_lines.RULES,
    *phrase_rules(Role.HEADING, Role.CUE),
    *teasers.RULES,
)
