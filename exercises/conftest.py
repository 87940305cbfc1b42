"""Which module an exercise's tests grade: `answer.py` in its folder, or what the variable EXERCISE names.

    cp exercises/lru-ttl/starter.py exercises/lru-ttl/answer.py
    python -m pytest exercises/lru-ttl
    EXERCISE=solution python -m pytest exercises/lru-ttl
"""

import os
from pathlib import Path
from types import ModuleType

import pytest

from exercises.loading import load


@pytest.fixture
def exercise(request: pytest.FixtureRequest) -> ModuleType:
    """The module under test, loaded anew for each test."""
    path = Path(request.path.parent, os.environ.get("EXERCISE", "answer") + ".py")
    if not path.exists():
        pytest.skip(f"no {path.name} in {path.parent.name}: copy starter.py to answer.py and write there")
    return load(path)
