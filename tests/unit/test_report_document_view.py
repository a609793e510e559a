"""How documents are laid out for reading, and how two copies are compared."""

from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning import Removal
from saaf.cleaning.spans import split_spans
from saaf.corpus.explain import Explanation, mark_removals, rule_kind, rule_language, split_lines, text_direction
from saaf.corpus.report.document_view import document_view, limited_views
from saaf.corpus.report.text_diff import MAX_WORDS, Mark, diff_texts


def explained(text: str, *removals: Removal) -> Explanation:
    return Explanation(id="0" * 16, url=None, title=None, language=None, text=text, removals=removals)


@st.composite
def texts_with_removals(draw: st.DrawFn) -> tuple[str, tuple[Removal, ...]]:
    text = draw(st.text(alphabet="ab\n ی", min_size=1, max_size=40))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = zip(cuts[::2], cuts[1::2], strict=False)
    return text, tuple(Removal(start=start, end=end, rule="echo.title") for start, end in spans)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(texts_with_removals())
def test_spans_and_lines_joined_are_the_text(case: tuple[str, tuple[Removal, ...]]) -> None:
    text, removals = case
    assert "".join(span.text for span in split_spans(text, removals)) == text
    assert "\n".join("".join(span.text for span in row) for row in split_lines(text, removals)) == text


def test_marks_stand_inside_the_line_breaks_that_were_removed_with_the_words() -> None:
    text = "Kept.\n\nLEAVE A REPLY\n"
    assert mark_removals(explained(text, Removal(start=5, end=21, rule="en.comment_form"))) == (
        "Kept.\n\n[-LEAVE A REPLY-]{en.comment_form}\n"
    )


def test_a_removal_of_many_lines_is_numbered_once_and_its_middle_folded() -> None:
    menu = "\n".join(f"Entry {number}" for number in range(20))
    shown = document_view(explained(f"{menu}\nThe story.", Removal(start=0, end=len(menu) + 1, rule="html.navigation")))
    spans = [span for run in shown.runs for line in run.lines for span in line]
    assert sum(span.first for span in spans) == 1
    folds = [run for run in shown.runs if run.count]
    assert [(fold.count, fold.rules) for fold in folds] == [(17, ("html.navigation",))]
    assert [(row.spans, row.characters) for row in shown.legend] == [(1, len(menu) + 1)]
    assert spans[-1].text == "The story."


def lines_of_two_rules(count: int) -> Explanation:
    """Return a document of removed lines, each third by another rule, and a story at its end."""
    text, removals = "", []
    for number in range(count):
        rule = "html.share" if number % 3 == 0 else "html.navigation"
        removals.append(Removal(start=len(text), end=len(text) + 5, rule=rule))
        text += "Entry\n"
    return explained(f"{text}The story.", *removals)


def test_a_run_of_removed_lines_is_folded_whatever_their_rules_are() -> None:
    assert not [run for run in document_view(lines_of_two_rules(5)).runs if run.count]
    (fold,) = [run for run in document_view(lines_of_two_rules(6)).runs if run.count]
    assert (fold.count, fold.rules) == (3, ("html.navigation", "html.share"))


def test_white_space_between_removed_spans_of_a_line_does_not_part_a_run() -> None:
    text = "\n".join("One  Two" for _ in range(6))
    removals = [
        Removal(start=9 * line + start, end=9 * line + start + 3, rule="html.navigation")
        for line in range(6)
        for start in (0, 5)
    ]
    assert [run.count for run in document_view(explained(text, *removals)).runs] == [0, 3, 0]


def test_the_middle_of_a_long_removed_line_is_left_out_and_counted() -> None:
    text = "word " * 2000
    (run,) = document_view(explained(text, Removal(start=0, end=len(text), rule="html.navigation"))).runs
    spans = run.lines[0]
    assert sum(len(span.text) + span.skipped for span in spans) == len(text)
    assert sum(len(span.text) for span in spans) < 500
    assert [span.first for span in spans] == [True, False]


def test_documents_are_shown_up_to_a_number_of_characters() -> None:
    documents = [explained("x" * 100) for _ in range(5)]
    assert len(limited_views(documents, most=300)) == 3
    assert len(limited_views(documents, most=299)) == 2
    assert len(limited_views(documents, most=1)) == 1


def test_a_fold_of_a_thousand_lines_does_not_put_them_all_on_the_page() -> None:
    text = "\n".join("A line of a menu that goes on" for _ in range(1000))
    fold = next(run for run in document_view(explained(text)).runs if run.count)
    assert sum(len(span.text) for line in fold.lines for span in line) <= 4000
    assert fold.rest + sum(len(span.text) for line in fold.lines for span in line) == fold.folded


def test_direction_is_that_of_most_letters() -> None:
    assert text_direction("شام میں ISIS کے خلاف") == "rtl"
    assert text_direction("ISIS को फिर से") == "ltr"
    assert text_direction("12:30 – 2024") == "ltr"
    assert text_direction("עברית") == "rtl"


def test_the_kind_and_language_of_a_rule_are_read_from_its_id() -> None:
    assert (rule_language("hi.related"), rule_kind("hi.related")) == ("hi", "related")
    assert (rule_language("html.related"), rule_kind("html.related")) == (None, "related")
    assert (rule_language("echo.title"), rule_kind("echo.title")) == (None, "echo")


def test_other_code_points_of_the_same_letters_are_told_from_other_words() -> None:
    difference = diff_texts("ایران کی حکومت نے کہا", "ايران کی فوج نے کہا")
    assert [(run.text.strip(), run.mark) for run in difference.right] == [
        ("ايران", Mark.FOLDED),
        ("کی", Mark.SAME),
        ("فوج", Mark.ONLY),
        ("نے کہا", Mark.SAME),
    ]


def test_chinese_is_compared_character_by_character() -> None:
    difference = diff_texts("他昨天到了北京", "他今天到了北京")
    assert [run.text for run in difference.left if run.mark is Mark.ONLY] == ["昨"]


def test_punctuation_alone_can_be_compared() -> None:
    assert [run.mark for run in diff_texts("— a", "— a").left] == [Mark.SAME]


def test_long_common_runs_are_left_out_and_counted() -> None:
    words = " ".join(f"w{number}" for number in range(100))
    left = diff_texts(f"{words} x", f"{words} y").left
    assert [(run.mark, run.words) for run in left] == [(Mark.SAME, 16), (Mark.GAP, 68), (Mark.SAME, 16), (Mark.ONLY, 1)]


def test_words_beyond_the_bound_are_counted_not_compared() -> None:
    words = " ".join(f"w{number}" for number in range(MAX_WORDS + 50))
    difference = diff_texts(words, "w0")
    assert (difference.left_rest, difference.right_rest) == (50, 0)
