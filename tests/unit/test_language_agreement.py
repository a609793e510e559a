"""Two identifiers name a language together; where they do not, it is unknown, with their guesses beside it."""

import pytest

from saaf.cleaning.text.language import identifiable_codes, identify
from saaf.cleaning.text.language_agreement import SecondIdentifier, name_language
from saaf.cleaning.text.second_identifier import KNOWN_CODES, OTHER, second_answer
from saaf.cleaning.types import Language

ROMANISED = [
    "Main aaj bahut khush hoon kyunki mera bhai ghar aa raha hai aur hum sab milkar khana khayenge",
    "Pradhan mantri ne kaha ki desh ke kisanon ke liye nayi yojana jaldi shuru ki jayegi",
    "Dilli me kal raat bhari barish ke baad kai ilakon me pani bhar gaya",
    "Wazir e azam ne kaha hai ke mulk mein mehngai par jald qaboo pa liya jaye ga",
    "Lahore mein aaj shadeed garmi ki wajah se log gharon se bahar nahi nikle",
    "Aaj Dhaka te onek brishti hocche tai rastay jol jome geche",
    "Amader desher manush khub kosto kore jibon japon kore",
    "Inniku Chennai la romba mazhai peyyudhu adhanala veliya poga mudiyala",
    "Enakku theriyum avan eppadi vandhan endru aana sollamatten",
    "ana mesh 3aref a3mel eh el naharda 3ashan el gaw 7ar awi w mafish kahraba",
    "kifak shu a5barak lyoum ma fi shi jdid bas el ta2s kteer 7elo",
    "3lach ma jitich lbareh kounna kamlin kanstennawk f dar dyal khouya",
]
# Languages that neither identifier knows: from the declarations of human rights in them.
UNKNOWN = [
    "Jin ni tamiˈ taˈ man kan ra yaˈ ni tukun ra niin yuˈu tamiˈ",
    "Tachi tata ñuu yoˈo kuvi kasha ñayiwu takua koo vaˈa taka ñayiwu nuu ñuu ñayiwu",
]


@pytest.mark.parametrize("text", ROMANISED)
def test_romanised_hindi_urdu_bengali_tamil_and_arabic_are_never_surely_another_language(text: str) -> None:
    found = identify(text)
    assert found.script == "Latn"
    assert found.code == "und" or found.score < 0.6


@pytest.mark.parametrize("text", UNKNOWN)
def test_a_language_that_nobody_knows_is_unknown_with_guesses_beside_it(text: str) -> None:
    found = identify(text)
    assert (found.code, found.script) == ("und", "Latn")
    assert 1 <= len(found.guesses) <= 3
    assert found.score == found.guesses[0][1]
    assert [score for _, score in found.guesses] == sorted((score for _, score in found.guesses), reverse=True)
    assert all(0 < score <= 0.3 for _, score in found.guesses)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("wo", "Dama bëgg a wax ak yaw ci li xew démb ci marse bi ak sama xarit"),
        ("wo", "Njiitu réew mi wax na ni dina jàppale baykat yi ci nawet bi"),
        ("ha", "Shugaban kasa ya ce gwamnati za ta taimaka wa manoma a wannan shekara"),
        ("pnb", "اوہ کہندا سی پئی ساڈے پنڈ وچ کوئی سکول نئیں تے بچے دور پڑھن جاندے نیں"),
        ("ur", "وزیر اعظم نے کہا ہے کہ حکومت کسانوں کی مدد کے لیے نیا منصوبہ شروع کرے گی"),
        ("sr", "Predsednik Srbije izjavio je danas u Beogradu da će Vlada doneti odluku o povećanju penzija"),
        ("sr", "Cena hleba porasla je za deset odsto u poslednjih mesec dana"),
        ("hr", "Predsjednik Vlade izjavio je danas u Zagrebu da će Vlada donijeti odluku o povećanju mirovina"),
        ("hr", "Cijena kruha porasla je za deset posto u posljednjih mjesec dana"),
        ("mi", "Ka whānau mai ngā tāngata katoa i runga i te herekore me te ōrite o te mana me ngā tika"),
        ("ceb", "Ang tanang katawhan gipakatawo nga may kagawasan ug managsama sa kabilinggan ug katungod"),
    ],
)
def test_neighbours_and_languages_that_one_of_them_knows_are_told(code: str, text: str) -> None:
    assert identify(text).code == code


def test_the_more_they_agree_the_surer() -> None:
    probabilities = {"en": 0.97, "de": 0.03}
    english = (
        "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
    )
    both = name_language(probabilities, english, frozenset(probabilities))
    unsure = name_language({"en": 0.6, "de": 0.4}, english, frozenset(probabilities))
    assert both[:1] == unsure[:1] == ("en",)
    assert 0.99 > both[1] > unsure[1] > 0.6


def says(answer: str | None) -> SecondIdentifier:
    """Return a second identifier that says this; None as about a fifth of headlines of five words."""

    def ask(text: str, *, guess: bool = False) -> str | None:
        return answer

    return ask


def test_where_the_second_is_silent_a_headline_needs_less_than_a_text() -> None:
    codes, short, long = frozenset({"de", "et", "nl"}), "x" * 99, "x" * 100
    assert name_language({"de": 0.31, "nl": 0.2}, short, codes, says(None))[:2] == ("de", 0.5)
    assert name_language({"de": 0.29, "nl": 0.2}, short, codes, says(None))[0] is None
    assert name_language({"de": 0.81, "nl": 0.19}, long, codes, says(None))[:2] == ("de", 0.5)
    assert name_language({"de": 0.79, "nl": 0.21}, long, codes, says(None))[0] is None
    assert name_language({"et": 0.99, "nl": 0.01}, short, codes, says(None))[0] is None  # few pages are in Estonian


def test_a_language_that_the_second_does_not_know_needs_near_certainty() -> None:
    assert "kab" not in KNOWN_CODES
    codes = frozenset({"kab", "nl"})
    assert name_language({"kab": 0.91, "nl": 0.09}, "x", codes, says(None))[:2] == ("kab", 0.5)
    assert name_language({"kab": 0.89, "nl": 0.11}, "x", codes, says(None))[0] is None


@pytest.mark.parametrize(
    ("first", "second", "text", "expected"),
    [
        ({"af": 0.6, "nl": 0.19}, "nl", "x", ("nl", 0.4)),  # nearly a third as probable
        ({"af": 0.6, "nl": 0.17}, "nl", "x", (None, 0.3)),
        ({"nl": 0.51, "xh": 0.2}, "xh", "x", ("nl", 0.5)),
        ({"nl": 0.49, "xh": 0.2}, "xh", "x", (None, 0.3)),
        ({"nl": 0.79, "xh": 0.1}, "xh", "x" * 100, (None, 0.3)),
        ({"ha": 0.7, "nl": 0.3}, "wo", "x", ("wo", 0.5)),  # the first does not know it
        ({"ha": 0.7, "nl": 0.3}, "wo", "x" * 100, ("wo", 0.75)),
        ({"ha": 0.7, "nl": 0.3}, OTHER, "x", (None, 0.21)),
        ({"nl": 0.7, "ha": 0.3}, "wo", "x", ("nl", 0.5)),  # it does, and a headline is rather in Dutch
        ({"nl": 0.7, "ha": 0.3}, "wo", "x" * 100, ("wo", 0.75)),
        ({"xh": 0.7, "nl": 0.3}, "zu", "x", ("xh", 0.5)),  # near enough
    ],
)
def test_where_they_differ(first: dict[str, float], second: str, text: str, expected: tuple[str | None, float]) -> None:
    codes = frozenset({"af", "ha", "nl", "xh", "zu"})
    assert name_language(first, text, codes, says(second))[:2] == expected


@pytest.mark.parametrize(
    "text", ["", "\0\ud800\uffff", "\x0b\x7f" * 30, "a" * 5000, "<b>x</b>" * 99, "\ufdd0 hi", "🙂"]
)
def test_the_second_answers_about_anything_and_twice_the_same(text: str) -> None:
    answer = second_answer(text)
    assert answer is None or answer == OTHER or answer in KNOWN_CODES
    assert second_answer(text) == answer


def test_languages_of_both_can_be_asked_for() -> None:
    assert {"wo", "mi", "ceb", "kab", "pnb", "ti"} <= identifiable_codes()
    assert Language(code="hi", script="Deva", score=1.0).guesses == ()
