"""Speculative decoding: a draft proposes, the target checks all proposals in
one pass (arXiv:2211.17192).
"""


def expected_tokens(acceptance, draft_tokens):
    """Tokens a target pass yields when each draft token is accepted with
    probability `acceptance` < 1 (eq. 1).

    0.8 with 4 drafts: 3.36. At exactly 1 it is draft_tokens + 1, and this
    quotient is 0/0.
    """
    return (1 - acceptance ** (draft_tokens + 1)) / (1 - acceptance)


def speedup(acceptance, draft_tokens, draft_cost):
    """Time saved when one draft pass costs `draft_cost` target passes (theorem
    3.8).

    0.8, 4 drafts, a draft at 5 %: 2.8 times. It assumes that checking is free,
    which ends at large batches.
    """
    return (1 - acceptance ** (draft_tokens + 1)) / (
        (1 - acceptance) * (draft_tokens * draft_cost + 1)
    )


def extra_operations(acceptance, draft_tokens, draft_operations):
    """Operations over those of plain decoding, the draft at `draft_operations`
    of the target (theorem 3.11).

    0.8, 4 drafts, 5 %: 1.55 times. Latency is bought with compute.
    """
    return (
        (1 - acceptance)
        * (draft_tokens * draft_operations + draft_tokens + 1)
        / (1 - acceptance ** (draft_tokens + 1))
    )
