"""Test helpers: a threshold with a page on each side of it, and sentences of given length in several scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

STOPS = {"hi": "।", "ur": "۔", "am": "።", "zh": "。"}
WORDS = {
    "en": "bridge river council winter stone mayor spring pillar region ferry market school harvest lamp garden boat",
    "hi": "पुल नदी परिषद सर्दी पत्थर महापौर वसंत खंभा इलाका नाव बाजार पाठशाला फसल दीपक बगीचा सड़क",
    "ur": "پل دریا مجلس سردی پتھر ناظم بہار ستون علاقہ کشتی بازار مکتب فصل چراغ باغیچہ سڑک",
    "ar": "جسر نهر مجلس شتاء حجر عمدة ربيع عمود منطقة عبارة سوق مدرسة حصاد مصباح حديقة طريق",
    "am": "ድልድይ ወንዝ ሸንጎ ክረምት ድንጋይ ከንቲባ ጸደይ ምሰሶ ክልል ጀልባ ገበያ ቤተ ሰብል ፋኖስ አትክልት መንገድ",
    "zh": "桥河会冬石市春柱区船集校收灯园路",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold by its module and name ("groups._MIN_RUN"), and an argument of `shows` on each side of it: `shows` is
    true of `true`, and false of `false`.
    """

    name: str
    shows: Callable[[Any], bool]
    true: Any
    false: Any


def sides(table: tuple[Threshold, ...]) -> list[tuple[str, Threshold, bool]]:
    """Return the cases of a table for `pytest.mark.parametrize`: the id, the threshold, and which side of it."""
    return [(f"{one.name} {'true' if side else 'false'}", one, side) for one in table for side in (True, False)]


def check(one: Threshold, side: bool) -> None:
    """Assert what `one` shows on a side of it."""
    argument = one.true if side else one.false
    assert one.shows(argument) is side, f"{one.name} is not what its pages show: {one.shows.__name__}({argument!r})"


def words(count: int, script: str = "en", start: int = 0) -> list[str]:
    """Return `count` words, from another word on for each `start`; characters in a script without spaces."""
    known = list(WORDS["zh"]) if script == "zh" else WORDS[script].split()
    return [known[(start * 5 + index + index // len(known) * (start + 1)) % len(known)] for index in range(count)]


def sentence(count: int, script: str = "en", start: int = 0) -> str:
    """Return a sentence of `count` words that ends as one, with a comma where it is longer than five."""
    own = words(count, script, start)
    if count > 5:
        own[2] += {"zh": "，", "ur": "،", "ar": "،", "am": "፣"}.get(script, ",")
    return ("" if script == "zh" else " ").join(own) + STOPS.get(script, ".")
