"""A formula is in the text once, as TeX where the page has it, and the sentence around it is not cut."""

import pytest

from saaf.cleaning.readers.html import read_html
from saaf.cleaning.types import Page

MATHML = "<mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup>"
TEX = "<annotation encoding='application/x-tex'>{tex}</annotation>"
MATH = f"<math><semantics><mrow>{MATHML}</mrow>{TEX.format(tex='E=mc^2')}</semantics></math>"

KATEX = (
    f"<span class='katex'><span class='katex-mathml'>{MATH}</span><span class='katex-html' aria-hidden='true'>"
    "<span class='mord'>E</span><span class='mrel'>=</span><span>mc</span><span>2</span></span></span>"
)
MATHJAX_2 = (
    "<span class='MathJax_Preview'>E=mc2</span><span class='MathJax' id='MathJax-1-Frame'><nobr><span>E=mc2</span>"
    f"</nobr><span class='MJX_Assistive_MathML'><math>{MATHML}</math></span></span>"
    "<script type='math/tex' id='MathJax-1'>E=mc^2</script>"
)
MATHJAX_4 = (
    "<mjx-container class='MathJax' jax='CHTML'><mjx-math data-latex='E=mc^2'><mjx-mi>E</mjx-mi></mjx-math>"
    f"<mjx-assistive-mml><math>{MATHML}</math></mjx-assistive-mml></mjx-container>"
)
WIKI_TEX = r"{\displaystyle E=mc^2}"
WIKI = (
    "<span class='mwe-math-element'><span class='mwe-math-mathml-inline' style='display: none'>"
    f"<math alttext='{WIKI_TEX}'><semantics><mrow>{MATHML}</mrow>{TEX.format(tex=WIKI_TEX)}</semantics></math></span>"
    f"<img src='/media/math/render/svg/ab' class='mwe-math-fallback-image-inline' alt='{WIKI_TEX}'></span>"
)


def text_of(sentence: str) -> str:
    return read_html(Page(url=None, body=f"<html><body><h1>Title</h1><p>{sentence}".encode())).text.partition("\n")[2]


@pytest.mark.parametrize(
    "formula",
    [
        MATH,
        f"<math alttext='E=mc^2'>{MATHML}</math>",
        f"<math>{MATHML}<annotation encoding='LaTeX'> $E=mc^2$ </annotation></math>",
        "<script type='math/tex'>E=mc^2</script>",
        KATEX,
        MATHJAX_2,
        MATHJAX_4,
        WIKI,
        "<img class='tex' alt='E=mc^2' src='x.png'>",
        "<img class='latex' alt='E=mc^2' src='https://s0.example.com/latex.php?latex=E%3Dmc%5E2'>",
        "<span class='math-container'>$E=mc^2$</span>",
    ],
)
def test_a_formula_with_tex_is_in_its_sentence_once(formula: str) -> None:
    assert text_of(f"The energy {formula} of a body is large.") == r"The energy \(E=mc^2\) of a body is large."


@pytest.mark.parametrize(
    "formula",
    [
        "<math display='block' alttext='E=mc^2'><mi>E</mi></math>",
        "<script type='math/tex; mode=display'>\n E=mc^2 % Einstein\n</script>",
        f"<span class='katex-display'><span class='katex'>{MATH}<span class='katex-html'>E</span></span></span>",
        f"<mjx-container class='MathJax' display='true'><mjx-assistive-mml>{MATH}</mjx-assistive-mml></mjx-container>",
        "<span class='math-container'>$$E=mc^2$$</span>",
    ],
)
def test_a_formula_on_its_own_line_is_marked_as_one(formula: str) -> None:
    assert text_of(f"The energy{formula}, of a body.") == r"The energy \[E=mc^2\], of a body."


@pytest.mark.parametrize(
    ("mathml", "text"),
    [
        (MATHML, "E = mc^2"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a + b)/c"),
        ("<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", "√(x + 1)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "x^(1/3)"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_i^2"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd></mtd></mtr><mtr><mtd><mn>3</mn></mtd></mtr></mtable>", "1,; 3"),
        ("<mi>f</mi><mo>\u2061</mo><mi>x</mi>", "fx"),
        ("<mrow>" * 60 + "<mi>x</mi>" + "</mrow>" * 60, "x"),
    ],
)
def test_mathml_without_tex_is_readable(mathml: str, text: str) -> None:
    assert text_of(f"The value of <math>{mathml}</math>, which is large.") == f"The value of {text}, which is large."


def test_what_is_no_formula_stays() -> None:
    assert (
        text_of("A picture <img class='texture' alt='a wall of stone' src='x.png'> of a wall.")
        == "A picture of a wall."
    )
    assert text_of("An empty <math></math> formula.") == "An empty formula."
    drawn = "<mjx-container class='MathJax'><mjx-math><mjx-c class='mjx-c1'></mjx-c></mjx-math></mjx-container>"
    assert text_of(f"A drawn {drawn} formula.") == "A drawn formula."
    inner = f"<div class='katex'><h1>Title</h1><p>The energy {MATH} of it.</p><p>More.</p></div>"
    body = f"<body class='katex MathJax'>{inner}"
    assert read_html(Page(url=None, body=body.encode())).text == "Title\nThe energy \\(E=mc^2\\) of it.\nMore."


def test_braces_around_a_part_of_a_formula_stay() -> None:
    tex = r"{\displaystyle a}+{\displaystyle b}"
    assert text_of(f"So <math alttext='{tex}'><mi>a</mi></math> is it.") == rf"So \({tex}\) is it."
