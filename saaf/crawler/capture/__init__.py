"""The capture: raw responses to WARC before anything unpacks or parses them, of a live crawl or of a replay."""
