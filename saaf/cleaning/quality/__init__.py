"""Quality and privacy of a text, per language: signals, thresholds, personal data, languages of paragraphs."""
