"""A loop of a model and its tools, with limits."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Tool(NamedTuple):
    run: Callable[..., Any]
    parameters: Mapping[str, type]
    needs_approval: bool = False


class Result(NamedTuple):
    status: str  # "answered", "out of steps" or "stuck"
    answer: str | None
    transcript: list[dict[str, Any]]


def run_agent(
    model: Callable[[list[dict[str, Any]]], Any],
    tools: Mapping[str, Tool],
    task: str,
    max_steps: int,
    approve: Callable[[str, dict[str, Any]], bool],
) -> Result:
    """Call the model until it answers, is stuck, or has no steps left."""
    raise NotImplementedError
