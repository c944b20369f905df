"""Names of before, kept for those who still import them."""
