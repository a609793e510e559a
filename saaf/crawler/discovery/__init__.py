"""Discovery: what a response is, and which of its links are requested in which order."""
