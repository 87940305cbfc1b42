"""Adapter sizes as PEFT prints them (4,194,304 for Llama 2 7B, query and
value, rank 8), Llama 3.1 at rank 16, and the QLoRA base of a 70B, 39.5 GB. The
counts are also compared with adapters that PEFT itself builds.
"""

import pytest

from snippets.sizing import lora

LLAMA_2_7B = {
    "n_layers": 32,
    "d_model": 4096,
    "n_heads": 32,
    "n_kv_heads": 32,
    "head_dim": 128,
}
LLAMA_8B = {
    "n_layers": 32,
    "d_model": 4096,
    "n_heads": 32,
    "n_kv_heads": 8,
    "head_dim": 128,
}
LLAMA_70B = {
    "n_layers": 80,
    "d_model": 8192,
    "n_heads": 64,
    "n_kv_heads": 8,
    "head_dim": 128,
}


def test_published_adapter_sizes():
    assert lora.lora_matrix_params(3, 5, 2) == 16
    assert lora.lora_query_value_params(**LLAMA_2_7B, rank=8) == 4_194_304
    assert lora.lora_attention_params(**LLAMA_8B, rank=16) == 13_631_488
    assert [
        lora.lora_all_linear_params(**LLAMA_8B, d_ff=14336, rank=rank)
        for rank in (8, 16, 64)
    ] == [20_971_520, 41_943_040, 167_772_160]
    assert (
        lora.lora_all_linear_params(**LLAMA_70B, d_ff=28672, rank=16)
        == 207_093_760
    )


@pytest.mark.parametrize(
    "form, targets",
    [
        (lora.lora_query_value_params, ["q_proj", "v_proj"]),
        (lora.lora_attention_params, ["q_proj", "k_proj", "v_proj", "o_proj"]),
        (lora.lora_all_linear_params, "all-linear"),
    ],
)
def test_equals_the_adapters_that_peft_builds(form, targets):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=37,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        head_dim=10,
    )
    with torch.device("meta"):
        model = get_peft_model(
            LlamaForCausalLM(config), LoraConfig(r=3, target_modules=targets)
        )
    trained = sum(
        weight.numel() for weight in model.parameters() if weight.requires_grad
    )
    shape = {
        "n_layers": 2,
        "d_model": 24,
        "n_heads": 6,
        "n_kv_heads": 2,
        "head_dim": 10,
        "rank": 3,
    }
    assert (
        form(**shape, **({"d_ff": 40} if targets == "all-linear" else {}))
        == trained
    )


def test_memory_of_base_and_adapter():
    assert (
        lora.lora_training_bytes(7_000_000_000, 2, 40_000_000, 16)
        == 14_640_000_000
    )
    assert lora.adapter_bytes(41_943_040, 2) == 83_886_080


def test_qlora_base_of_a_70b():
    size = lora.qlora_base_bytes(
        68_451_041_280, 4.126953125, 70_553_706_496 - 68_451_041_280
    )
    assert size == pytest.approx(39.5e9, rel=1e-3)
    assert lora.qlora_base_bytes(16, 4, 3) == 8 + 6
