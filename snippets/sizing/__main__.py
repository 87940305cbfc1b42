"""Counts a model file: `python -m snippets.sizing MODEL.yml [--tokens N]
[--batch B] [--dtype bf16]`.

Prints JSON. A file that cannot be counted gets all its faults on standard
error and exit code 2.
"""

import argparse
import json
import sys

from snippets.sizing import counter, families, flops, layers, model_file
from snippets.sizing.derived import BITS, in_bytes


def summary(shape, tokens, batch, dtype, kv_dtype):
    """What the command prints. `flops_per_token` are the weights' alone, one
    token forward; attention over a context of `tokens` stands beside it.
    """
    count = counter.count(shape)
    cached = layers.cache_elements(shape, tokens) * batch
    two_stacks = shape["form"] == "encoder-decoder"
    attention = None if two_stacks else families.attention_flops(shape, tokens)
    notes = _notes(shape)
    printed = {
        "model": shape.get("name"),
        "total_params": count.total,
        "active_params": count.active,
        "active_matmul_params": count.active_matmul,
        "non_embedding_params": count.non_embedding,
        "parts": {name: size for name, size in count.parts.items() if size},
        "weights_bytes": in_bytes(count.total, dtype),
        "kv_cache_bytes": in_bytes(cached, kv_dtype),
        "flops_per_token": flops.forward_flops_per_token(count.active_matmul),
        "attention_flops_per_token": attention,
        "tokens": tokens,
        "batch": batch,
        "dtype": dtype,
        "kv_dtype": kv_dtype,
    }
    return printed | ({"notes": notes} if notes else {})


def _notes(shape):
    if shape["attention"].get("pattern") == "bidirectional":
        return [
            "an encoder keeps no cache between steps; kv_cache_bytes is what "
            "its keys and values would take"
        ]
    if shape["form"] == "encoder-decoder":
        return [
            "kv_cache_bytes is the decoder's own; cross-attention keeps as "
            "much again per source token",
            "flops_per_token counts both stacks; a source token uses only the "
            "encoder, a target token the decoder",
        ]
    if shape["form"] == "hybrid":
        return ["the linear layers keep a fixed state beside kv_cache_bytes"]
    return []


def _positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(
            f"must be a whole number from 1, not {text}"
        )
    return value


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m snippets.sizing",
        description="Counts the parameters of a model file exactly.",
    )
    add, formats = parser.add_argument, sorted(BITS)
    add("file", metavar="MODEL.yml")
    add("--tokens", type=_positive, default=1, help="cached tokens (1)")
    add("--batch", type=_positive, default=1, help="sequences (1)")
    add("--dtype", choices=formats, default="bf16", help="of all (bf16)")
    add("--kv-dtype", choices=formats, help="of the cache, if different")
    options = parser.parse_args(arguments)
    try:
        shape = model_file.read(options.file)
    except model_file.BadModelFile as error:
        print(error, file=sys.stderr)
        return 2
    kv_dtype = options.kv_dtype or options.dtype
    sizes = (options.tokens, options.batch, options.dtype, kv_dtype)
    print(json.dumps(summary(shape, *sizes), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
