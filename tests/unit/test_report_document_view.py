"""How documents are laid out for reading, and how two copies are compared."""

from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning import Removal
from saaf.corpus.explain import Explanation, direction, kind, language, lines, marked, pieces
from saaf.corpus.report.document_view import passage
from saaf.corpus.report.text_diff import MOST_WORDS, Mark, compare


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
def test_pieces_and_lines_put_together_are_the_text(case: tuple[str, tuple[Removal, ...]]) -> None:
    text, removals = case
    assert "".join(piece.text for piece in pieces(text, removals)) == text
    assert "\n".join("".join(piece.text for piece in row) for row in lines(text, removals)) == text


def test_marks_stand_inside_the_line_breaks_that_were_removed_with_the_words() -> None:
    text = "Kept.\n\nLEAVE A REPLY\n"
    assert marked(explained(text, Removal(start=5, end=21, rule="en.comment_form"))) == (
        "Kept.\n\n[-LEAVE A REPLY-]{en.comment_form}\n"
    )


def test_a_removal_of_many_lines_is_numbered_once_and_its_middle_folded() -> None:
    menu = "\n".join(f"Entry {number}" for number in range(20))
    shown = passage(explained(f"{menu}\nThe story.", Removal(start=0, end=len(menu) + 1, rule="html.navigation")))
    pieces_shown = [piece for stretch in shown.stretches for line in stretch.lines for piece in line]
    assert sum(piece.first for piece in pieces_shown) == 1
    folds = [stretch for stretch in shown.stretches if stretch.count]
    assert [(fold.count, fold.rule) for fold in folds] == [(17, "html.navigation")]
    assert [(row.spans, row.characters) for row in shown.legend] == [(1, len(menu) + 1)]
    assert pieces_shown[-1].text == "The story."


def test_a_fold_of_a_thousand_lines_does_not_put_them_all_on_the_page() -> None:
    text = "\n".join("A line of a menu that goes on" for _ in range(1000))
    fold = next(stretch for stretch in passage(explained(text)).stretches if stretch.count)
    assert sum(len(piece.text) for line in fold.lines for piece in line) <= 4000
    assert fold.rest + sum(len(piece.text) for line in fold.lines for piece in line) == fold.folded


def test_direction_is_that_of_most_letters() -> None:
    assert direction("شام میں ISIS کے خلاف") == "rtl"
    assert direction("ISIS को फिर से") == "ltr"
    assert direction("12:30 – 2024") == "ltr"
    assert direction("עברית") == "rtl"


def test_the_kind_and_language_of_a_rule_are_read_from_its_id() -> None:
    assert (language("hi.related"), kind("hi.related")) == ("hi", "related")
    assert (language("html.related"), kind("html.related")) == (None, "related")
    assert (language("echo.title"), kind("echo.title")) == (None, "echo")


def test_other_code_points_of_the_same_letters_are_told_from_other_words() -> None:
    difference = compare("ایران کی حکومت نے کہا", "ايران کی فوج نے کہا")
    assert [(run.text.strip(), run.mark) for run in difference.right] == [
        ("ايران", Mark.FOLDED),
        ("کی", Mark.SAME),
        ("فوج", Mark.ONLY),
        ("نے کہا", Mark.SAME),
    ]


def test_chinese_is_compared_character_by_character() -> None:
    difference = compare("他昨天到了北京", "他今天到了北京")
    assert [run.text for run in difference.left if run.mark is Mark.ONLY] == ["昨"]


def test_punctuation_alone_can_be_compared() -> None:
    assert [run.mark for run in compare("— a", "— a").left] == [Mark.SAME]


def test_long_common_runs_are_left_out_and_counted() -> None:
    words = " ".join(f"w{number}" for number in range(100))
    left = compare(f"{words} x", f"{words} y").left
    assert [(run.mark, run.words) for run in left] == [(Mark.SAME, 16), (Mark.GAP, 68), (Mark.SAME, 16), (Mark.ONLY, 1)]


def test_words_beyond_the_bound_are_counted_not_compared() -> None:
    words = " ".join(f"w{number}" for number in range(MOST_WORDS + 50))
    difference = compare(words, "w0")
    assert (difference.left_rest, difference.right_rest) == (50, 0)
