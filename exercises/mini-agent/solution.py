"""A loop of a model and its tools, with limits.

What the model does wrong goes back to it as an observation; what the loop
does wrong is raised.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

FORM = 'reply with {"answer": text} or {"tool": name, "arguments": {}}'


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
    if max_steps < 1:
        raise ValueError(f"max_steps must be at least 1, not {max_steps}")
    transcript: list[dict[str, Any]] = [{"role": "user", "content": task}]
    seen: Counter[str] = Counter()
    steps = 0
    while True:
        steps += 1
        reply = deepcopy(model(deepcopy(transcript)))
        transcript.append({"role": "model", "content": reply})
        if isinstance(reply, dict) and isinstance(reply.get("answer"), str):
            return Result("answered", reply["answer"], transcript)
        if steps == max_steps:
            return Result("out of steps", None, transcript)
        fault = _fault(reply, tools)
        if fault:
            observation = f"error: {fault}"
        else:
            name, arguments = reply["tool"], reply["arguments"]
            call = json.dumps([name, arguments], sort_keys=True)
            seen[call] += 1
            if seen[call] == 3:
                return Result("stuck", None, transcript)
            observation = _observe(tools[name], name, arguments, approve)
        transcript.append({"role": "tool", "content": observation})


def _fault(reply: Any, tools: Mapping[str, Tool]) -> str:
    """What is wrong with a reply, all at once; empty if nothing is."""
    if not (
        isinstance(reply, dict)
        and isinstance(reply.get("tool"), str)
        and isinstance(reply.get("arguments"), dict)
    ):
        return FORM
    if reply["tool"] not in tools:
        return f"unknown tool {reply['tool']}; there are: {', '.join(tools)}"
    wanted, given = tools[reply["tool"]].parameters, reply["arguments"]
    faults = [f"{name} is missing" for name in wanted if name not in given]
    for name, value in given.items():
        if name not in wanted:
            faults.append(f"{name} is unknown")
        elif not _fits(value, wanted[name]):
            kind = wanted[name].__name__
            faults.append(f"{name} must be {kind}, not {value!r}")
    return "; ".join(faults)


def _fits(value: Any, kind: type) -> bool:
    if isinstance(value, bool):  # which Python counts among the integers
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _observe(
    tool: Tool,
    name: str,
    arguments: dict[str, Any],
    approve: Callable[[str, dict[str, Any]], bool],
) -> str:
    if tool.needs_approval and not approve(name, deepcopy(arguments)):
        return "error: not approved"
    try:
        return str(tool.run(**arguments))
    except Exception as error:
        return f"error: {type(error).__name__}: {error}"
