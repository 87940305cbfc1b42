"""A whole handbook in a few files, for tests: one chapter, one question, two cards, one tested module."""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CHAPTER = "docs/chapters/attention"
INDEX = f"{CHAPTER}/index.md"
QUESTION = f"{CHAPTER}/questions/why-scale.md"
PRACTICE = f"{CHAPTER}/practice.md"
CARDS = f"{CHAPTER}/cards.md"
IDS = f"{CHAPTER}/ids.txt"
SNIPPET = "snippets/attention/scale.py"
TEST = "snippets/attention/test_scale.py"
FIGURE = f"{CHAPTER}/images/heads.svg"
TOPICS = "docs/paths/topics.yml"
BIBLIOGRAPHY = "docs/data/bibliography.yml"

FILES = {
    INDEX: """\
---
title: Attention
order: 10
kind: foundation
prerequisites: []
summary: Scores, weights and what they cost.
minutes: {skim: 10, explain: 30, derive: 60, build: 90}
depth:
  roles: {research: build, full-stack: derive, applied: explain, platform: derive}
  company_tiers: {frontier: build, llm-infrastructure: derive, ai-native: explain, enterprise: skim}
objectives:
  - text: Say why scores are divided.
    checked_by: [why-scale, score-size]
levels:
  - {text: Has heard of it., probe: "What is attention?"}
  - {text: Explains it., probe: "What is a score?"}
  - {text: Derives it., probe: "Why the root?"}
  - {text: Builds it., probe: Write it.}
  - {text: Decides about it., probe: "When is it too dear?"}
sources: [vaswani2017attention]
reviewed: 2026-11-25
---
## The real interview moment { #moment }

You stand at the board.

## What you will master { #objectives }

<%= objectives() %>

## Self-assessment { #self-assessment }

<%= self_assessment() %>

## Scores { #scores data-depth=derive }

A score is a sum, see [the cards](cards.md#score-size) and [above](#moment). <%= cite("vaswani2017attention") %>

$$
s = q^\\top k
$$

Braces such as {{ messages }} and {% if %} stay as they are; a literal `$` costs nothing.

/// figure | images/heads.svg
Two heads.
///

<%= snippet("snippets/attention/scale.py", "scale") %>

/// trap
Dividing by $d_k$.
///

## What an interviewer listens for { #listens-for }

Precision.

## Spaced-repetition checkpoints { #checkpoints }

- Day 0: read. Day 3: recall. Day 7: answer. Day 14: write. Day 21: explain.

## Further reading { #further-reading }

- <%= cite("vaswani2017attention") %>: where it began.
""",
    PRACTICE: "---\ntitle: 'Practice: attention'\n---\nAloud first.\n\n<%= questions() %>\n",
    f"{CHAPTER}/cheatsheet.md": "---\ntitle: 'Sheet: attention'\n---\n## Formulas\n\n$s = q^\\top k$\n",
    CARDS: """\
---
title: "Cards: attention"
---
Say it first.

Typical score? { #score-size }
: $\\sqrt{d_k}$.

Divisor? { #divisor }
: The same.
""",
    QUESTION: """\
---
title: Why are scores divided by √d_k?
kind: derive
competency: mechanism
roles: [research]
company_tiers: [frontier]
rounds: [screen]
minutes: 6
level: 2
snippet: snippets/attention/scale.py
sources: [vaswani2017attention]
---
Head size 128. {given}

/// step | Hint 1: direction
How large is a sum?
///

/// step | Hint 2: insight
Variances add.
///

/// solution
The variance is $d_k$. See [the chapter](../index.md#scores).
///

/// answer | 60 seconds
"Variances add."
///

/// rubric
| criterion | strong hire | lean hire | no hire |
|---|---|---|---|
| law | $s$ grows as the root | grows | constant |
///

/// followup | And with 64?
Less.
///
""",
    IDS: "question why-scale\ncard score-size\ncard divisor\n",
    FIGURE: """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">
<title>Heads</title>
<desc>Two boxes side by side.</desc>
<rect x="0" y="0" width="80" height="80" class="cell"/>
</svg>
""",
    SNIPPET: '''\
"""Scale scores."""

# --8<-- [start:scale]
def scale(score, head_dim):
    return score / head_dim**0.5
# --8<-- [end:scale]
''',
    TEST: '''\
"""A scaled score has unit size."""

from snippets.attention.scale import scale


def test_scale():
    assert scale(8.0, 64) == 1.0
''',
    TOPICS: "- slug: rag\n  title: Retrieval\n  order: 50\n  kind: application\n  prerequisites: [attention]\n",
    BIBLIOGRAPHY: """\
vaswani2017attention:
  title: Attention Is All You Need
  authors: [Vaswani, Shazeer]
  year: 2017
  url: https://arxiv.org/abs/1706.03762
  kind: paper
  accessed: 2026-11-25
""",
}
COPIED = ["docs/paths/competencies.yml", "docs/data/models/llama-3.1-70b.yml", "docs/data/hardware/h100-sxm5-80gb.yml"]


SET = "docs/interview/prompts"


def with_set(root: Path) -> Path:
    """A question set beside the chapter: an index, one question, its id."""
    question = FILES[QUESTION].replace("[the chapter](../index.md#scores)", "[the chapter](../../../chapters/attention/index.md#scores)")
    question = question.replace("minutes: 6", "minutes: 45\nchapters: [attention, rag]").replace("The variance is $d_k$.", "Another wording.")
    files = {
        "index.md": "---\ntitle: Design prompts\n---\n# Design prompts\n\n<%= question_list() %>\n",
        "questions/why-divide.md": question,
        "ids.txt": "question why-divide\n",
    }
    for name, text in files.items():
        path = root / SET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def small_handbook(root: Path) -> Path:
    """Write it under `root`; it passes every check."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name in COPIED:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, path)
    return root


def edit(root: Path, name: str, old: str, new: str) -> None:
    """Replace `old`, which stands in the file once."""
    path = root / name
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    path.write_text(text.replace(old, new), "utf-8")


def line_of(root: Path, name: str, words: str) -> int:
    """The first line of the file that holds `words`."""
    lines = (root / name).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)
