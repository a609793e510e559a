"""Rights signals of sites in a crawl: the files that state them, and pages that are skipped for them."""
