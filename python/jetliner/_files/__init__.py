"""From what the caller names to open files: paths, patterns, directories, partitions, pipes, gzip."""
