"""Lag of the event loop of a crawl that has much to do: pages are cleaned, and 40,000 URLs of a sitemap are forbidden.

Run `python -m benchmarks.crawl_lag`. Two workers clean the pages of a site on this machine while robots.txt forbids
each URL of its sitemap. The figures are the stats of the crawl: the aim is at most 100 ms at the 99th percentile.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

from benchmarks.crawl_kills import ROOT, Site, command

_LAG = re.compile(r"'saaf/event_loop/lag_(\w+)': ([\d.]+)")


def main() -> None:
    """Measure, and print a line for each crawl."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--forbidden", type=int, default=40_000, help="URLs of the sitemap")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    site = Site(options.pages)
    urls = "".join(f"<url><loc>{site.base}/x/{number}</loc></url>" for number in range(options.forbidden))
    site.pages["/robots.txt"] = f"User-agent: *\nDisallow: /x/\nSitemap: {site.base}/sitemap.xml\n".encode()
    site.pages["/sitemap.xml"] = f"<urlset>{urls}</urlset>".encode()
    try:
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory(prefix="saaf-lag-") as directory:
                more = {"SAAF_WORKERS": 2, "LOG_LEVEL": "INFO", "SAAF_TRAP_PAGES": 0}
                arguments = command(site, Path(directory), **more)
                arguments += ["-O", f"{directory}/pages.jsonl"]
                done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            print("  ".join(f"{name} {float(value) * 1000:.0f} ms" for name, value in _LAG.findall(done.stderr)))
    finally:
        site.close()


if __name__ == "__main__":
    main()
