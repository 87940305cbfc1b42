"""A packed row gives each document the loss and the gradients that it has
alone, in a Llama of the transformers library. Another document's tokens change
no bit of it. Rows hold every document whole, once.
"""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig, LlamaForCausalLM

from snippets.attention.scaled_dot_product import attention
from snippets.tuning.answer_loss import answer_loss
from snippets.tuning.chat_template import IGNORED
from snippets.tuning.packing import document_mask, pack

VOCAB = 11
LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


def _documents(lengths):
    """Ids, and labels that ignore the first half as a prompt."""
    documents = []
    for n in lengths:
        ids = torch.randint(1, VOCAB, (n,))
        labels = ids.clone()
        labels[: n // 2] = IGNORED
        documents.append((ids, labels))
    return documents


def _llama(device):
    config = LlamaConfig(
        vocab_size=VOCAB,
        hidden_size=16,
        intermediate_size=12,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        attn_implementation="eager",
    )
    return LlamaForCausalLM(config).to(device, torch.float64)


def _logits(model, packed, device):
    seen = document_mask(packed.document)
    hidden = torch.zeros(seen.shape, dtype=torch.float64, device=device)
    return model(
        input_ids=packed.ids,
        position_ids=packed.position,
        attention_mask=hidden.masked_fill(~seen, -torch.inf),
    ).logits


def _packed(documents, length, device):
    packed = pack(documents, length)
    return type(packed)(*(tensor.to(device) for tensor in packed))


def test_loss_and_gradients_equal_those_of_the_documents_alone(device):
    documents = _documents([5, 3, 7, 4])
    model = _llama(device)
    alone = copy.deepcopy(model)
    packed = _packed(documents, 9, device)
    n = int((packed.labels[:, 1:] != IGNORED).sum())
    loss = answer_loss(_logits(model, packed, device), packed.labels)
    loss.backward()
    total = 0
    for ids, labels in documents:
        logits = alone(input_ids=ids[None].to(device)).logits
        total = total + answer_loss(logits, labels[None].to(device), n)
    total.backward()
    torch.testing.assert_close(loss, total, rtol=0, atol=1e-13)
    for ours, theirs in zip(
        model.parameters(), alone.parameters(), strict=True
    ):
        torch.testing.assert_close(
            ours.grad, theirs.grad, rtol=1e-9, atol=1e-12
        )


def test_another_document_changes_no_bit(device):
    documents = _documents([5, 4])
    query, key, value = torch.randn(3, 1, 2, 9, 4, dtype=torch.float64)
    mask = document_mask(pack(documents, 9).document)
    before = attention(query, key, value, mask)
    key[:, :, :5], value[:, :, :5] = torch.nan, 1e300
    after = attention(query, key, value, mask)
    assert torch.equal(after[:, :, 5:], before[:, :, 5:])


@given(lengths=LENGTHS)
def test_each_document_is_there_once_and_whole(lengths):
    documents = _documents(lengths)
    ids, labels, document, position = pack(documents, 9, pad=0)
    found = []
    for row in range(len(ids)):
        for count in range(int(document[row].max()) + 1):
            here = document[row] == count
            found.append((ids[row, here], labels[row, here]))
            assert position[row, here].tolist() == list(range(here.sum()))
    padding = document == -1
    assert (ids[padding] == 0).all()
    assert (labels[padding] == IGNORED).all()
    assert all(target[0] == IGNORED for _, target in found)
    expected = [
        (ids.tolist(), [IGNORED, *labels[1:].tolist()])
        for ids, labels in documents
    ]
    assert sorted((i.tolist(), t.tolist()) for i, t in found) == sorted(
        expected
    )


@given(lengths=LENGTHS)
def test_no_two_rows_could_be_one(lengths):
    used = (pack(_documents(lengths), 9).document >= 0).sum(dim=1)
    for row in range(1, len(used)):
        assert (used[:row] + used[row] > 9).all()


def test_longest_first_then_first_fit():
    packed = pack(_documents([2, 6, 3, 5]), 8)
    assert packed.document.tolist() == [
        [0, 0, 0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 0, 1, 1, 1],
    ]


def test_the_mask_of_two_documents_and_padding():
    document = torch.tensor([[0, 0, 1, -1, -1]])
    assert document_mask(document).int().tolist() == [
        [
            [
                [1, 0, 0, 0, 0],
                [1, 1, 0, 0, 0],
                [0, 0, 1, 0, 0],
                [0, 0, 0, 1, 0],
                [0, 0, 0, 1, 1],
            ]
        ]
    ]


def test_refuses_a_document_longer_than_a_row():
    with pytest.raises(ValueError, match="6 tokens in rows of 5"):
        pack(_documents([3, 6]), 5)
