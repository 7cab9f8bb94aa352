"""Coverage-guided fuzzing under sanitizers; `python -m fuzz --seconds 600` runs it."""
