"""Readers: a captured page becomes a document, from HTML or from plain text."""
