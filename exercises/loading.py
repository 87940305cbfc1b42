"""Load a module from a file whose folder is no package."""

import sys
from pathlib import Path
from types import ModuleType


def load(path: Path, text: str | None = None) -> ModuleType:
    """The module at `path`, or `text` as if it stood there. A second call gives a second module."""
    module = ModuleType(".".join(path.with_suffix("").parts[-3:]))  # exercises.lru-ttl.answer
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    exec(compile(path.read_text("utf-8") if text is None else text, str(path), "exec"), module.__dict__)
    return module
