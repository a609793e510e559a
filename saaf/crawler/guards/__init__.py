"""Guards: what a crawl may request, how much of it, and why a request gave no page."""
