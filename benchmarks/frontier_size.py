"""Size of a frontier: memory and the time to the next request with a million URLs.

Run `python -m benchmarks.frontier_size`. It fills a frontier on disk with URLs of 1,000 hosts, and takes requests from
it, as the scheduler does. Memory is the process's resident size.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import tempfile
import time
from pathlib import Path

from saaf.corpus.crawl_frontier import FRONTIER, Status
from saaf.crawler.frontier.database import NewUrl
from saaf.crawler.frontier.frontier import Frontier
from saaf.crawler.frontier.host_ring import Readiness

BATCH = 200  # URLs in a transaction: the links of two pages


def new_url(number: int, hosts: int) -> NewUrl:
    """Return the URL of that number."""
    host = f"www.host-{number % hosts}.example"
    url = f"https://{host}/2024/05/{number}-a-title-as-long-as-titles-of-articles-are"
    fingerprint = hashlib.sha1(url.encode(), usedforsecurity=False).digest()
    return NewUrl(fingerprint=fingerprint, url=url, host=host, depth=number % 5)


def resident_megabytes() -> float:
    """Return the process's greatest resident size so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, and print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--urls", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=1_000)
    parser.add_argument("--requests", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="saaf-frontier-") as directory:
        path = Path(directory, FRONTIER)
        frontier = Frontier(path)
        before = resident_megabytes()
        start = time.perf_counter()
        for number in range(options.urls):
            frontier.insert(new_url(number, options.hosts))
            if number % BATCH == 0:
                frontier.commit()
            if number == options.urls // 10:
                print(f"memory     {resident_megabytes() - before:.0f} MB more with {number} URLs")
        frontier.commit()
        each = (time.perf_counter() - start) / options.urls * 1e6
        print(f"memory     {resident_megabytes() - before:.0f} MB more with {options.urls} URLs")
        print(f"insert     {each:.0f} µs a URL; {path.stat().st_size / options.urls:.0f} bytes on disk")
        frontier.close()
        start = time.perf_counter()
        frontier = Frontier(path)
        print(f"open       {(time.perf_counter() - start) * 1000:.0f} ms")
        times = []
        for number in range(options.requests):
            start = time.perf_counter()
            row = frontier.lease_queued(lambda _: Readiness.READY)
            times.append(time.perf_counter() - start)
            assert row is not None
            frontier.update(row.id, status=int(Status.DONE))
            if number % BATCH == 0:
                frontier.commit()
        times.sort()
        median, high, most = (times[int(len(times) * share)] * 1e6 for share in (0.5, 0.99, 0.9999))
        print(f"next       {median:.0f} µs, 99 %: {high:.0f} µs, the slowest: {most:.0f} µs")
        print(f"memory     {resident_megabytes() - before:.0f} MB more after {options.requests} requests")
        frontier.close()


if __name__ == "__main__":
    main()
