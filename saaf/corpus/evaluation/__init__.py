"""Evaluation: precision, recall, residue and loss against gold texts, beside other extractors."""
