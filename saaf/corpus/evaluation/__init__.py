"""Evaluation: precision, recall, residue and missing share against gold texts, for saaf and other extractors."""
