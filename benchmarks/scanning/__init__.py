"""What `benchmarks.columns` measures: the files, the scans, and what others take for the same."""
