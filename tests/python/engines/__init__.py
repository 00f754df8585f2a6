"""Tests on the real engines, in local mode with several worker processes. `make test-engines` runs them."""
