"""Lazy queries: the source that Polars calls, and what makes it fast."""
