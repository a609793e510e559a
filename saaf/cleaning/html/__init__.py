"""From the bytes of a page to its tree and its blocks."""
