"""The block classifier: features, gradient-boosted trees, explanations."""
