"""Coverage-guided fuzzing under sanitizers; `python -m fuzz --seconds 600` runs it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))  # for `seen`
