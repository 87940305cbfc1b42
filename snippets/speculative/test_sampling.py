"""Every possible course of the listing's random choices is followed and
weighed by its probability, in float64: the sequences that come out have the
target's own distribution to 12 digits, for any draft, with truncated and
greedy models too. Acceptance and tokens per round equal the closed forms, and
a seeded sample of 2,000 agrees.
"""

import itertools
from collections import Counter, defaultdict

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.sizing.speculative import expected_tokens
from snippets.speculative.sampling import sample, speculate, verify


def distribution(run):
    """Exact distribution of run(draw)'s result: every course of draws."""
    found, courses = defaultdict(float), [()]
    while courses:
        result, weight, others = follow(run, courses.pop())
        found[result] += weight
        courses += others
    return found


def follow(run, course):
    """Draw as `course` says, and take the first outcome after its end."""
    course, step, weight, others = list(course), 0, 1.0, []

    def draw(probabilities):
        nonlocal step, weight
        assert float(probabilities.sum()) == pytest.approx(1, abs=1e-12)
        if step == len(course):
            first, *rest = probabilities.nonzero().flatten().tolist()
            others.extend((*course, other) for other in rest)
            course.append(first)
        choice = course[step]
        step += 1
        weight *= float(probabilities[choice])
        return choice

    return tuple(run(draw)), weight, others


def random_model(vocab, seed, cold=1.0, top_k=None):
    """A model with a distribution of its own for every prefix."""

    def model(tokens):
        rows = []
        for n in range(1, len(tokens) + 1):
            # Seeds by prefix; hash() of a tuple of ints is always the same.
            chance = torch.Generator().manual_seed(
                hash((seed, *tokens[:n])) % 2**31
            )
            logits = torch.randn(vocab, dtype=torch.float64, generator=chance)
            if top_k is not None:
                least = logits.topk(top_k).values[-1]
                logits = logits.masked_fill(logits < least, -torch.inf)
            rows.append(torch.softmax(logits / cold, dim=-1))
        return torch.stack(rows)

    return model


def own_distribution(model, prompt, n_new, vocab):
    """The target alone, one token after the other."""
    found = {}
    for new in itertools.product(range(vocab), repeat=n_new):
        rows = model([*prompt, *new])[len(prompt) - 1 :]
        found[new] = float(torch.stack([
            row[token] for row, token in zip(rows, new, strict=False)
        ]).prod())
    return found


def assert_same(found, expected):
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    for result in found.keys() | expected.keys():
        off = found.get(result, 0.0) - expected.get(result, 0.0)
        assert abs(off) < 1e-12, result


MODELS = {
    "unlike": (random_model(3, 1), random_model(3, 2)),
    "nearly the same": (random_model(3, 1), random_model(3, 1, cold=1.1)),
    "the same": (random_model(3, 1), random_model(3, 1)),
    "truncated draft": (random_model(3, 1), random_model(3, 2, top_k=1)),
    "truncated target": (random_model(3, 1, top_k=2), random_model(3, 2)),
    "greedy target": (random_model(3, 1, top_k=1), random_model(3, 2)),
    "never agree": (
        lambda tokens: torch.eye(3, dtype=torch.float64)[[0] * len(tokens)],
        lambda tokens: torch.eye(3, dtype=torch.float64)[[1] * len(tokens)],
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("n_new", "n_draft"), [(1, 1), (2, 1), (2, 2)])
def test_sequences_have_the_targets_distribution(name, n_new, n_draft):
    target, draft = MODELS[name]
    found = distribution(
        lambda draw: speculate(target, draft, [0, 2], n_new, n_draft, draw)
    )
    assert_same(found, own_distribution(target, [0, 2], n_new, vocab=3))


@given(
    rows=st.lists(
        st.lists(st.integers(0, 9), min_size=5, max_size=5).filter(any),
        min_size=2,
        max_size=2,
    )
)
def test_one_token_has_the_targets_distribution(rows):
    # Vocabulary of 5 with any zeros: what p forbids never comes out.
    p, q = (torch.tensor(row, dtype=torch.float64) for row in rows)
    p, q = p / p.sum(), q / q.sum()

    def run(draw):
        tokens = verify([draw(q)], q[None], torch.stack([p, p]), draw)
        return tokens[:1]

    assert_same(distribution(run), {(x,): float(p[x]) for x in range(5)})


def test_a_token_passes_with_the_overlap_of_both_distributions():
    target, draft = random_model(4, 1)([0, 1]), random_model(4, 2)([0])
    rounds = distribution(
        lambda draw: [len(verify([draw(draft[0])], draft, target, draw))]
    )
    overlap = float(torch.minimum(target[0], draft[0]).sum())
    assert rounds[(2,)] == pytest.approx(overlap, abs=1e-12)


@pytest.mark.parametrize("n_draft", [1, 2, 3])
def test_tokens_per_round_equal_the_closed_form(n_draft):
    p, q = (random_model(3, seed)([0])[0] for seed in (1, 2))

    def run(draw):
        drafted = [draw(q) for _ in range(n_draft)]
        return [len(verify(
            drafted, q.expand(n_draft, 3), p.expand(n_draft + 1, 3), draw
        ))]

    mean = sum(n * weight for (n,), weight in distribution(run).items())
    acceptance = float(torch.minimum(p, q).sum())
    assert mean == pytest.approx(
        expected_tokens(acceptance, n_draft), abs=1e-12
    )


def test_the_target_runs_once_a_round_and_sees_all_drafts():
    calls = []

    def target(tokens):
        calls.append(list(tokens))
        return random_model(3, 1)(tokens)

    new = speculate(target, random_model(3, 1), [0], n_new=8, n_draft=3)
    assert len(new) == 8
    # The draft is the target: everything passes, 4 tokens a round.
    assert [len(tokens) for tokens in calls] == [4, 8]


def test_the_token_for_free_comes_from_the_last_distribution():
    target = torch.eye(4)[[0, 1, 3]]
    assert verify([0, 1], target[:2], target) == [0, 1, 3]


def test_a_seeded_sample_agrees():
    # The default draw, in 32 bits: within 4 standard errors everywhere.
    n = 2_000
    target, draft = (
        model([0, 1, 2]).float()
        for model in (random_model(5, 1), random_model(5, 2))
    )
    counts = Counter(
        verify([sample(draft[0])], draft[:1], target[:2])[0]
        for _ in range(n)
    )
    for token, p in enumerate(target[0].tolist()):
        error = (p * (1 - p) / n) ** 0.5
        assert abs(counts[token] / n - p) < 4 * error


def test_rounding_that_leaves_no_residual_falls_back_on_the_target():
    q = torch.tensor([0.5, 0.5], dtype=torch.float64)
    p = torch.tensor([0.5, 0.5 - 1e-9], dtype=torch.float64)
    choices, seen = iter([0, 1]), []  # refuse, then the second token

    def draw(probabilities):
        seen.append(probabilities)
        return next(choices)

    assert verify([1], q[None], torch.stack([p, p]), draw) == [1]
    torch.testing.assert_close(seen[-1], p / p.sum())


def test_a_token_the_draft_cannot_have_drawn_is_refused():
    # The sign of a draft at another temperature, or another vocabulary.
    q = torch.tensor([[1.0, 0.0]])
    with pytest.raises(ValueError, match="draft 0: token 1 has probability 0"):
        verify([1], q, q.expand(2, 2))


def test_a_round_needs_a_draft():
    with pytest.raises(ValueError, match="n_draft 0"):
        speculate(*MODELS["the same"], [0], n_new=1, n_draft=0)
