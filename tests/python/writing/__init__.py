"""Random round trips of the writer: frames of every type, and files of every schema."""
