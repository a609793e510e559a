"""Who the crawl says it is: a live crawl needs a user agent with a name and a way to reach its operator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scrapy.settings import default_settings

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from saaf.crawler.config import Config

_CONTACT = re.compile(r"https?://[^\s/]+\.[^\s/]+|[^\s@;(+:]+@[^\s@;)]+\.[^\s@;)]+", re.IGNORECASE)
EXAMPLE = 'USER_AGENT="yourbot/1.0 (+https://example.org/bot; crawler@example.org)"'


def check_user_agent(settings: BaseSettings, config: Config) -> None:
    """Raise ValueError, which says what to set, where a live crawl would not say who runs it.

    RFC 9309, section 2.2.1, wants a product token by which sites address the crawler; whom to write to is good manners
    since 1993. A replay asks nobody for anything, and may have any user agent.
    """
    user_agent = str(settings["USER_AGENT"] or "")
    if not config.live or (has_contact(user_agent) and user_agent != default_settings.USER_AGENT):
        return
    raise ValueError(
        f"USER_AGENT ({user_agent or 'empty'}) does not say who runs this crawl: set a name, and a web page or a mail"
        f" address for those who want to ask about it, with -s {EXAMPLE} (`saaf crawl` has --user-agent for it) or in"
        " the settings of your project"
    )


def has_contact(user_agent: str) -> bool:
    """Return whether a user agent has the address of a web page or of a mailbox."""
    return _CONTACT.search(user_agent) is not None
