"""Characters, lines, sentences, scripts and languages of plain text."""
