"""Collectives, bubbles and checkpoints against their limits: two GPUs exchange
exactly the payload, one stage has no bubble, the best checkpoint interval
beats its neighbours; a simulated ring moves the bytes that the formula says.
"""

import pytest

from snippets.sizing import parallelism as p


def test_ring_all_reduce_is_reduce_scatter_plus_all_gather():
    assert p.all_reduce_seconds(1e9, 8, 450e9) == pytest.approx(
        2 * 7 / 8 / 450
    )
    assert p.all_reduce_seconds(6, 3, 2) == pytest.approx(
        2 * p.all_gather_seconds(6, 3, 2)
    )
    assert p.all_gather_seconds(1e9, 4, 1e9) == 0.75
    assert p.all_to_all_seconds(6e9, 4, 2e9) == 0.75 * 3
    assert p.all_reduce_seconds(5, 1, 7) == 0


@pytest.mark.parametrize("gpus", [2, 3, 5, 8])
def test_a_simulated_ring_sends_what_the_formula_says(gpus):
    sent, chunk = (
        0,
        1 / gpus,
    )  # each of 2(p - 1) steps passes one chunk of the payload on
    for _ in range(2 * (gpus - 1)):
        sent += chunk
    assert p.all_reduce_seconds(1, gpus, 1) == pytest.approx(sent)
    assert p.ring_latency_seconds(gpus, 3) == 2 * (gpus - 1) * 3


def test_tensor_parallel_traffic_of_one_token():
    assert (
        p.tensor_parallel_bytes(80, 8192, 1, 1, 2, 8)
        == 80 * 2 * 8192 * 2 * 1.75
    )
    assert p.tensor_parallel_bytes(3, 5, 7, 11, 2, 2) == 3 * 2 * 5 * 7 * 11 * 2


def test_bubble_of_the_megatron_paper():
    assert p.pipeline_bubble(8, 32) == 7 / 39
    assert p.bubble_overhead(8, 32) == 7 / 32
    assert p.pipeline_bubble(8, 32) == pytest.approx(
        p.bubble_overhead(8, 32) / (1 + p.bubble_overhead(8, 32))
    )
    assert p.interleaved_bubble(8, 32, 1) == p.pipeline_bubble(8, 32)
    assert p.interleaved_bubble(8, 32, 4) == 7 / 135
    assert p.pipeline_bubble(1, 4) == 0


@pytest.mark.parametrize("stages, microbatches", [(2, 3), (4, 4), (8, 32)])
def test_a_simulated_schedule_has_that_bubble(stages, microbatches):
    slots = (
        microbatches + stages - 1
    )  # stage s works on microbatch m in slot s + m
    busy = sum(
        0 <= slot - stage < microbatches
        for stage in range(stages)
        for slot in range(slots)
    )
    assert 1 - busy / (stages * slots) == pytest.approx(
        p.pipeline_bubble(stages, microbatches)
    )


def test_best_checkpoint_interval():
    best = p.checkpoint_interval_seconds(60, 10_800)
    assert best == pytest.approx(1138.4, abs=0.05)
    lost = [
        p.checkpoint_overhead(interval, 60, 10_800)
        for interval in (best * 0.9, best, best * 1.1)
    ]
    assert lost[1] < min(lost[0], lost[2])
    assert lost[1] == pytest.approx(0.1054, abs=1e-4)
    assert p.checkpoint_overhead(100, 5, 1000) == 0.05 + 0.05


def test_failures_add_up():
    assert p.cluster_mtbf_seconds(3600, 16) == 225
