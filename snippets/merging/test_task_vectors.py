"""A task vector takes the base to its fine-tune and back again; sums of
several equal those of peft's task arithmetic. Names and shapes must match, and
weights in 16 bits are rounded once.
"""

import peft.utils.merge_utils as peft
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from snippets.merging.task_vectors import add_task_vector, task_vector


def _state(device, dtype=torch.float64):
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 2))
    return model.to(device, dtype).state_dict()


def _tuned(base):
    return {n: w + torch.randn_like(w) / 8 for n, w in base.items()}


def _assert_equal(ours, theirs, **tolerance):
    assert list(ours) == list(theirs)
    for name, weight in theirs.items():
        torch.testing.assert_close(ours[name], weight, **tolerance)


def test_leads_from_the_base_to_the_fine_tune(device):
    base = _state(device)
    tuned = _tuned(base)
    there = add_task_vector(base, task_vector(base, tuned))
    _assert_equal(there, tuned, rtol=0, atol=1e-15)
    back = add_task_vector(there, task_vector(base, tuned), -1.0)
    _assert_equal(back, base, rtol=0, atol=1e-15)


@given(scales=st.lists(st.floats(-1, 1), min_size=1, max_size=4))
def test_sums_equal_peft(device, scales):
    base = _state(device)
    tuned = [_tuned(base) for _ in scales]
    total = sum(
        scale * task_vector(base, each)
        for scale, each in zip(scales, tuned, strict=True)
    )
    merged = add_task_vector(base, total)
    weights = torch.tensor(scales, dtype=torch.float64, device=device)
    for name, weight in base.items():
        changes = [each[name] - weight for each in tuned]
        torch.testing.assert_close(
            merged[name],
            weight + peft.task_arithmetic(changes, weights),
            rtol=0,
            atol=1e-14,
        )


def test_tasks_on_different_weights_do_not_meet(device):
    base = _state(device)
    first, last = dict(base), dict(base)
    first["0.weight"] = base["0.weight"] + 1
    last["2.bias"] = base["2.bias"] - 1
    total = task_vector(base, first) + task_vector(base, last)
    expected = {**first, "2.bias": last["2.bias"]}
    _assert_equal(add_task_vector(base, total), expected, rtol=0, atol=0)


def test_a_base_of_another_model_is_not_changed(device):
    base = _state(device)
    before = {name: weight.clone() for name, weight in base.items()}
    add_task_vector(base, task_vector(base, _tuned(base)))
    _assert_equal(base, before, rtol=0, atol=0)


def test_sixteen_bit_weights_are_rounded_once(device):
    base = _state(device, torch.bfloat16)
    vectors = [task_vector(base, _tuned(base)) for _ in range(3)]
    assert vectors[0].dtype == torch.float32
    merged = add_task_vector(base, sum(vectors), 0.4)
    exact = add_task_vector(
        {name: weight.double() for name, weight in base.items()},
        sum(vector.double() for vector in vectors),
        0.4,
    )
    for name, weight in merged.items():
        assert weight.dtype == torch.bfloat16
        torch.testing.assert_close(
            weight.double(), exact[name], rtol=2**-8, atol=1e-7
        )


def test_refuses_models_that_differ(device):
    base = _state(device)
    tuned = _tuned(base)
    tuned["2.bias"] = tuned["2.bias"][:1]
    tuned["head"] = tuned.pop("0.bias")
    with pytest.raises(ValueError) as error:
        task_vector(base, tuned)
    assert str(error.value) == (
        "base and fine-tune differ in ['0.bias', '2.bias', 'head']"
    )


def test_refuses_a_vector_of_another_length(device):
    base = _state(device)
    vector = task_vector(base, _tuned(base))[:-1]
    with pytest.raises(ValueError, match="a vector of 33 for 34 parameters"):
        add_task_vector(base, vector)
