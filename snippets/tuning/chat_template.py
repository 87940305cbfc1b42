"""A conversation as one text, and which part of it is to be learnt."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Int
from torch import Tensor

Span = tuple[int, int]
START, END = "<|im_start|>", "<|im_end|>"
IGNORED = -100  # the label that cross_entropy skips


# --8<-- [start:render]
def render(
    messages: Sequence[Mapping[str, str]], prompt: bool = False
) -> tuple[str, list[Span]]:
    """A conversation in ChatML, and where the model itself speaks.

    OpenAI 2023, "ChatML"; Qwen and others use it. START and END are one
    token each. Train and serve with the template that the model knows:
    another one costs quality and raises no error.

    prompt: end with the opening of an answer, for the model to go on.
    Returns the text and the stretches of characters to be learnt: each
    answer with its END, or the model would never stop; not its opening
    and not the newline after it, which the template writes.
    Raises ValueError if a content holds START or END: a user could
    speak as somebody else.
    Leaves out: tools, reasoning, the default system message of Qwen.
    """
    text, spans = "", []
    for message in messages:
        content = message["content"]
        if START in content or END in content:
            raise ValueError(f"special token in {content!r}")
        text += f"{START}{message['role']}\n"
        if message["role"] == "assistant":
            spans.append((len(text), len(text + content + END)))
        text += f"{content}{END}\n"
    if prompt:
        text += f"{START}assistant\n"
    return text, spans
# --8<-- [end:render]


# --8<-- [start:answer_labels]
def answer_labels(
    ids: Int[Tensor, "token"], offsets: Sequence[Span], spans: Sequence[Span]
) -> Int[Tensor, "token"]:
    """The ids where the model speaks, IGNORED everywhere else.

    ids, offsets: what a fast tokenizer makes of render's text, with
        return_offsets_mapping=True and add_special_tokens=False: the
        template has all special tokens already.
    Not moved on by one: the loss does that.

    Raises ValueError if a token lies across the edge of an answer.
    While serving, the prompt ends there and is tokenized alone, so the
    model would meet other tokens than it was trained on.
    """
    labels = torch.full_like(ids, IGNORED)
    for index, (start, end) in enumerate(offsets):
        for first, last in spans:
            if first <= start and end <= last:
                labels[index] = ids[index]
            elif first < end and start < last:
                raise ValueError(
                    f"token {index}, characters {start} to {end}, lies "
                    f"across the edge of the answer {first} to {last}"
                )
    return labels
# --8<-- [end:answer_labels]
