"""`scrapy genspider`: Scrapy's own command, with this package's templates beside Scrapy's and the project's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.commands import genspider

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


class Command(genspider.Command):
    """Generate a spider from a template: `scrapy genspider -t news NAME DOMAIN`.

    A template of that name in TEMPLATES_DIR comes before the one of this package.
    """

    def _find_template(self, template: str) -> Path | None:
        """Return the file of a template, None with a message where there is none of that name."""
        own = TEMPLATES / (template if template.endswith(".tmpl") else f"{template}.tmpl")
        theirs = Path(self.templates_dir, own.name)
        return own if own.is_file() and not theirs.exists() else super()._find_template(template)

    def _generate_template_variables(self, module: str, name: str, url: str, template_name: str) -> dict[str, Any]:
        """Return the variables of a template; a domain is a host, without the port that a URL may have."""
        variables: dict[str, Any] = super()._generate_template_variables(module, name, url, template_name)
        variables["domain"] = urlsplit(f"//{variables['domain']}").hostname or variables["domain"]
        return variables

    def _list_templates(self) -> None:
        """Print the names of all templates."""
        super()._list_templates()
        for file in sorted(TEMPLATES.glob("*.tmpl")):
            if not Path(self.templates_dir, file.name).exists():
                sys.stdout.write(f"  {file.stem}\n")
