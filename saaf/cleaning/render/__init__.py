"""Renderers: a clean document as Markdown, JSON or TEI XML, with the structure of its blocks."""
