"""Writing: options, targets, and the frames that are written."""
