"""Runs mutants of one prepared folder; `tests/mutants.py` starts it there, once to list them and once to run them.

mutmut writes the mutants; running them is done here, since mutmut collects the tests anew for each. Tests are collected
once, with the mutants switched off, and each function's tests are noted, with the time they take. Then each mutant gets a
fork that runs its function's tests, the quick ones and those that caught its siblings first, up to the first failure.
What ran while modules were imported (a decorator, a table built by a function) was built without the mutant: if such a
mutant survives, or has no test, every test runs again in a process that imports everything with the mutant switched on.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time

import pytest
from _pytest.runner import runtestprotocol
from mutmut.__main__ import create_mutants
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths, walk_mutatable_files

PLACE = Path.cwd()
RESULTS = PLACE / "results.jsonl"
ARGUMENTS = ["--rootdir=.", "--tb=native", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:pytest_cov"]
OFF = ""  # no mutant


def generate() -> None:
    set_mutant_under_test("mutant_generation")
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(1)
    set_mutant_under_test(OFF)


def mutants() -> dict[str, Path]:
    """Mutant -> file, in the files' order."""
    found: dict[str, Path] = {}
    for path in sorted(walk_mutatable_files()):
        meta = Path("mutants") / f"{path}.meta"
        if meta.exists():
            found |= dict.fromkeys(json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"], path)
    return found


def function(mutant: str) -> str:
    return mutant.partition("__mutmut_")[0]


def change(mutant: str, path: Path) -> str:
    """ "- old line + new line" of a mutant."""
    lines = get_diff_for_mutant(mutant, path=path).splitlines()
    return " ".join(f"{line[0]} {line[1:].strip()}" for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


@contextmanager
def fork(mutant: str, seconds: float | None) -> Iterator[int]:
    """0 within the child, which must end itself; the child's exit code within the parent."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        yield os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) or -1
        return
    set_mutant_under_test(mutant)
    if seconds is not None:
        confine(seconds)
    yield 0


def confine(seconds: float) -> None:
    limit = int(5 + 5 * seconds)  # of this process alone, however busy the machine is
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    signal.alarm(7200)  # for what waits without computing
    resource.setrlimit(resource.RLIMIT_DATA, (8 << 30, 8 << 30))  # for what grows without end
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


SURVIVED, KILLED = 10, 11  # exit codes; anything else is a signal or a crash of Python


def record(mutant: str, verdict: str, by: str = "") -> None:
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"mutant": mutant, "verdict": verdict, "by": by}) + "\n")


class Session:
    """Takes the place of pytest's loop over the collected tests."""

    def __init__(self, chosen: list[str]) -> None:
        self.chosen = chosen
        self.again: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        at_import = set(state()._stats)
        state()._stats.clear()
        self.items = {item.nodeid: item for item in session.items}
        self.seconds, self.tests = {}, defaultdict(list)
        order = list(session.items)
        for item, following in zip(order, [*order[1:], None], strict=True):
            start = process_time()
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                raise SystemExit(f"{item.nodeid} fails without a mutant")
            self.seconds[item.nodeid] = process_time() - start
            for name in state()._stats:
                self.tests[name].append(item.nodeid)
            state()._stats.clear()
        set_mutant_under_test(OFF)
        print(f"{len(order)} tests, {sum(self.seconds.values()):.0f} s of computing", flush=True)
        for tests in self.tests.values():
            tests.sort(key=self.seconds.__getitem__)
        gc.collect()
        gc.freeze()
        for mutant in self.chosen:
            tests = self.tests.get(function(mutant), [])
            verdict, by = self.attempt(mutant, tests) if tests else ("no test", "")
            if verdict == "no test" or (verdict == "survived" and function(mutant) in at_import):
                self.again.append(mutant)
            else:
                record(mutant, verdict, by)
        (PLACE / "again.json").write_text(json.dumps([self.again, sorted(self.seconds, key=self.seconds.__getitem__)]), encoding="utf-8")
        return True

    def attempt(self, mutant: str, tests: list[str]) -> tuple[str, str]:
        reading, writing = os.pipe()
        with fork(mutant, sum(self.seconds[test] for test in tests)) as code:
            if not code:
                try:
                    for test, following in zip(tests, [*tests[1:], None], strict=True):
                        reports = runtestprotocol(self.items[test], log=False, nextitem=following and self.items[following])
                        if any(report.failed for report in reports):
                            os.write(writing, test.encode())
                            os._exit(KILLED)
                    os._exit(SURVIVED)
                except BaseException:
                    os._exit(KILLED)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            by = pipe.read().decode()
        if by:  # what caught it comes first for its siblings
            tests.remove(by)
            tests.insert(0, by)
        return verdict_of(code), by


def verdict_of(code: int) -> str:
    return {SURVIVED: "survived", KILLED: "killed"}.get(code, "timeout" if code in (-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL) else "crashed")


def run(chosen: list[str], arguments: list[str]) -> None:
    with fork("stats", None) as code:
        if not code:
            log = os.open(PLACE / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.chdir("mutants")
            os._exit(SURVIVED if pytest.main([*ARGUMENTS, *arguments], plugins=[Session(chosen)]) in (0, 5) else KILLED)
    if code != SURVIVED:
        raise SystemExit(f"the run stopped early, see {PLACE / 'log.txt'}")
    again, tests = json.loads((PLACE / "again.json").read_text(encoding="utf-8"))
    for mutant in again:
        with fork(mutant, 600) as code:
            if not code:
                os.chdir("mutants")
                os._exit(SURVIVED if pytest.main([*ARGUMENTS, "-x", *tests]) == 0 else KILLED)
        record(mutant, verdict_of(code), "all tests, imported with the mutant")


if __name__ == "__main__":
    os.environ["PY_IGNORE_IMPORTMISMATCH"] = "1"
    os.environ["MUTMUT_DEPENDENCY_DEPTH"] = "-1"
    command, *rest = sys.argv[1:]
    if command == "generate":
        generate()
        (PLACE / "mutants.json").write_text(json.dumps({name: str(path) for name, path in mutants().items()}, indent=0), encoding="utf-8")
    elif command == "changes":  # of the functions named in a file
        wanted = set(json.loads(Path(rest[0]).read_text(encoding="utf-8")))
        listed = json.loads((PLACE / "mutants.json").read_text(encoding="utf-8"))
        print(json.dumps({name: change(name, Path(path)) for name, path in listed.items() if name in wanted or function(name) in wanted}))
    else:
        setup_source_paths()
        run(json.loads(Path(rest[0]).read_text(encoding="utf-8")), rest[1:])
