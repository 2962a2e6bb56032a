"""What the cluster tests are given: a running Parley with three signaling processes, a nemesis, and people to suffer."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
for folder in ("ops", "Tests/Browser", "Tests/Cluster"):
    sys.path.insert(0, str(ROOT / folder))

from fixtures import *  # noqa: E402, F403
