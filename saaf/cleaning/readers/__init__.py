"""From a page to a document: HTML and plain text."""
