"""What the engines have in common: the splits that they read, and comparisons that they hand over."""
