"""Several documents in one row, none of which sees another."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from snippets.tuning.chat_template import IGNORED


# --8<-- [start:pack]
class Packed(NamedTuple):
    ids: Int[Tensor, "row token"]
    labels: Int[Tensor, "row token"]
    document: Int[Tensor, "row token"]  # counted in its row; -1: padding
    position: Int[Tensor, "row token"]


def pack(
    documents: Sequence[tuple[Int[Tensor, "_"], Int[Tensor, "_"]]],
    length: int,
    pad: int = 0,
) -> Packed:
    """Fill rows of `length` tokens with whole documents: ids and labels.

    First fit, longest first: each goes into the first row that still
    has room. Padding is computed like any token, so rows of one
    document would waste the share by which it is shorter.

    Positions start anew with each document, and its first token is no
    target: the last token of the document before would be asked for it.
    Raises ValueError if a document is longer than a row.
    """
    rows: list[list[tuple[Tensor, Tensor]]] = []
    for document in sorted(documents, key=lambda d: -len(d[0])):
        size = len(document[0])
        if size > length:
            raise ValueError(f"{size} tokens in rows of {length}")
        for row in rows:
            if sum(len(ids) for ids, _ in row) + size <= length:
                row.append(document)
                break
        else:
            rows.append([document])
    shape = len(rows), length
    ids, labels = torch.full(shape, pad), torch.full(shape, IGNORED)
    number, position = torch.full(shape, -1), torch.zeros(shape).long()
    for index, row in enumerate(rows):
        end = 0
        for count, (tokens, targets) in enumerate(row):
            start, end = end, end + len(tokens)
            ids[index, start:end] = tokens
            labels[index, start + 1 : end] = targets[1:]
            number[index, start:end] = count
            position[index, start:end] = torch.arange(len(tokens))
    return Packed(ids, labels, number, position)
# --8<-- [end:pack]


# --8<-- [start:document_mask]
def document_mask(
    document: Int[Tensor, "row token"],
) -> Bool[Tensor, "row 1 query key"]:
    """True where a token may look: back, and in its own document.

    One mask for all heads. Padding sees padding, so that no softmax is
    empty. This is quadratic in memory; kernels take the boundaries
    instead (cu_seqlens of FlashAttention) and skip hidden blocks.
    """
    same = document[:, :, None] == document[:, None, :]
    return same.tril()[:, None]
# --8<-- [end:document_mask]
