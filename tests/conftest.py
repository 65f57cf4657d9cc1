"""What all tests share: the cast, a clean data folder, no network but loopback."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="countersign-test-"))
os.environ.setdefault("EXECUTOR_STATE_DIR", str(Path(os.environ["DATA_DIR"]) / "executor"))
