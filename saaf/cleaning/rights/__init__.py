"""Rights signals: what publishers state about search and training, in headers, pages, robots.txt and tdmrep.json."""
