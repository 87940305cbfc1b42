"""With its weights copied it gives the logits of transformers' Llama to
1e-10 in fp64, head tied and untied, and with QK-norm those of Qwen3.
Decoding through the cache in any chunks equals one full pass, and no logit
depends on a later token. Greedy generation is the argmax loop without a
cache, token for token.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from snippets.decoder.test_block import Rotary64, in_float64, llama_names
from snippets.decoder.tiny import TinyDecoder, choose, generate
from snippets.positions.rope import rope_frequencies

VOCAB = 11


def decoder(device="cpu", n_heads=3, n_kv_heads=1, **options):
    torch.manual_seed(1)
    model = TinyDecoder(VOCAB, 12, 2, n_heads, n_kv_heads, 10, **options)
    model = model.to(device).double()
    for parameter in model.parameters():  # away from the gentle start
        torch.nn.init.normal_(parameter, std=0.5)
    return model


def tokens(*shape, device="cpu"):
    return torch.randint(VOCAB, shape).to(device)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("n_heads, n_kv_heads", [(3, 3), (3, 1), (6, 2)])
@pytest.mark.parametrize(
    "theirs, config, qk_norm",
    [
        (LlamaForCausalLM, LlamaConfig, False),
        (Qwen3ForCausalLM, Qwen3Config, True),
    ],
)
def test_equals_transformers(
    theirs, config, qk_norm, n_heads, n_kv_heads, tied, device
):
    ours = decoder(
        device,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        theta=500.0,
        tied_embeddings=tied,
        qk_norm=qk_norm,
    )
    model = theirs(
        config(
            vocab_size=VOCAB,
            hidden_size=12,
            num_hidden_layers=2,
            num_attention_heads=n_heads,
            num_key_value_heads=n_kv_heads,
            head_dim=12 // n_heads,
            intermediate_size=10,
            tie_word_embeddings=tied,
            attn_implementation="sdpa",
        )
    )
    model = in_float64(model).to(device)
    model.model.rotary_emb = Rotary64(rope_frequencies(12 // n_heads, 500.0))
    model.load_state_dict(llama_names(ours.state_dict()))
    ids = tokens(2, 9, device=device)
    torch.testing.assert_close(
        ours(ids), model(ids).logits, rtol=1e-10, atol=1e-10
    )


def test_by_default_it_is_the_first_llama_with_a_tied_head():
    model = decoder()
    assert torch.equal(model.frequencies, rope_frequencies(4, 10_000.0))
    attention = model.blocks[0].attention
    assert not any("norm" in name for name in attention.state_dict())
    assert model.head.weight is model.embed.weight


def test_a_tied_head_is_one_matrix():
    tied, untied = (decoder(tied_embeddings=tie) for tie in (True, False))
    assert tied.head.weight is tied.embed.weight
    sizes = [sum(p.numel() for p in m.parameters()) for m in (tied, untied)]
    assert sizes[1] - sizes[0] == VOCAB * 12


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_cached_decode_equals_full_forward(chunks):
    model = decoder(n_heads=6, n_kv_heads=2)
    ids = tokens(2, sum(chunks))
    caches = model.new_caches(2, sum(chunks))
    parts = [model(part, caches) for part in ids.split(chunks, dim=1)]
    torch.testing.assert_close(
        torch.cat(parts, dim=1), model(ids), rtol=1e-12, atol=1e-12
    )


def test_no_logit_depends_on_a_later_token(device):
    model = decoder(device)
    ids = tokens(1, 8, device=device)
    before = model(ids)
    for cut in range(1, 8):
        changed = ids.clone()
        changed[:, cut:] = (changed[:, cut:] + 1) % VOCAB
        assert torch.equal(model(changed)[:, :cut], before[:, :cut])
        assert not torch.equal(model(changed)[:, cut:], before[:, cut:])


def test_greedy_equals_the_argmax_loop_without_cache(device):
    model = decoder(device, tied_embeddings=False)
    prompt = tokens(3, 4, device=device)
    ids = prompt
    for _ in range(12):
        best = model(ids)[:, -1].argmax(dim=-1, keepdim=True)
        ids = torch.cat([ids, best], dim=1)
    assert torch.equal(generate(model, prompt, 12), ids)
    assert torch.equal(generate(model, prompt, 0), prompt)


def test_top_1_is_greedy_at_any_temperature(device):
    model = decoder(device, tied_embeddings=False)
    prompt = tokens(2, 3, device=device)
    drawn = generate(model, prompt, 8, temperature=5.0, top_k=1)
    assert torch.equal(drawn, generate(model, prompt, 8))


def test_choose_draws_from_the_tempered_top_k(device):
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0]], device=device)
    n = 20_000
    drawn = choose(logits.expand(n, 4), temperature=2.0, top_k=3)
    counts = torch.bincount(drawn.flatten(), minlength=4).cpu().double()
    kept = [math.exp(z / 2) for z in (2, 1, 0)]
    for count, weight in zip(counts[:3] / n, kept, strict=True):
        share = weight / sum(kept)
        # Four standard deviations, with a fixed seed.
        assert abs(count - share) < 4 * math.sqrt(share * (1 - share) / n)
    assert counts[3] == 0


def test_a_top_k_of_all_tokens_leaves_none_out():
    logits = torch.randn(50, VOCAB)
    one, other = (
        choose(logits, 1.0, top_k, torch.Generator().manual_seed(0))
        for top_k in (VOCAB, None)
    )
    assert torch.equal(one, other)


def test_choose_takes_the_best_by_default(device):
    logits = torch.randn(50, VOCAB, device=device)
    assert torch.equal(choose(logits)[:, 0], logits.argmax(dim=-1))


def test_caches_lie_where_the_model_does():
    caches = decoder("meta").new_caches(2, 3)
    assert {cache.keys.device.type for cache in caches} == {"meta"}


def test_a_seed_repeats_a_draw():
    model = decoder(tied_embeddings=False)
    prompt = tokens(1, 2)
    drawn = [
        generate(
            model,
            prompt,
            20,
            temperature=1.0,
            generator=torch.Generator().manual_seed(seed),
        )
        for seed in (7, 7, 8)
    ]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_half_precision_does_not_round_the_frequencies():
    model = decoder().half()
    assert torch.equal(model.frequencies, decoder().frequencies)
    assert model.frequencies.dtype == torch.float64


def test_an_untrained_model_knows_nothing():
    model = TinyDecoder(VOCAB, 12, 2, 3, 1, 10)
    loss = -model(tokens(4, 9)).log_softmax(dim=-1).mean()
    assert loss.item() == pytest.approx(math.log(VOCAB), abs=0.02)


def test_every_parameter_gets_a_gradient():
    model = decoder(tied_embeddings=False, qk_norm=True)
    ids = torch.arange(VOCAB)[None]
    model(ids).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: decoder(n_heads=5), "d_model 12, but 5 heads"),
        (lambda: choose(torch.zeros(1, 4), -1.0), "-1.0 is negative"),
        (lambda: choose(torch.zeros(1, 4), 1.0, 0), "top_k 0 of 4"),
        (lambda: choose(torch.zeros(1, 4), 1.0, 5), "top_k 5 of 4"),
        (lambda: decoder()(tokens(1, 3), decoder().new_caches(1, 2)), "capac"),
    ],
)
def test_what_cannot_be_done_is_said(call, words):
    with pytest.raises(ValueError, match=words):
        call()
