"""Counts a model file: `python -m snippets.sizing MODEL.yml [--tokens N]
[--batch B] [--dtype bf16]`.

Prints JSON. A file that cannot be counted gets all its faults on standard
error and exit code 2.
"""

import argparse
import json
import sys
from pathlib import Path

from snippets.sizing import counter, families, flops, layers, model_file
from snippets.sizing.derived import BITS, whole
from snippets.sizing.memory import weights_bytes


def summary(shape, tokens, batch, dtype, kv_dtype):
    """What the command prints. `flops_per_token` are the weights' alone, one
    token forward; attention over a context of `tokens` stands beside it.
    """
    count = counter.count(shape)
    notes = _notes(shape)
    printed = {
        "model": shape.get("name"),
        "total_params": count.total,
        "active_params": count.active,
        "active_matmul_params": count.active_matmul,
        "non_embedding_params": count.non_embedding,
        "parts": {name: size for name, size in count.parts.items() if size},
        "weights_bytes": whole(weights_bytes(count.total, BITS[dtype])),
        "kv_cache_bytes": whole(
            layers.cache_elements(shape, tokens) * batch * BITS[kv_dtype] / 8
        ),
        "flops_per_token": flops.forward_flops_per_token(count.active_matmul),
        "attention_flops_per_token": families.attention_flops(shape, tokens),
        "tokens": tokens,
        "batch": batch,
        "dtype": dtype,
        "kv_dtype": kv_dtype,
    }
    return printed | ({"notes": notes} if notes else {})


def _notes(shape):
    notes = []
    if shape["attention"].get("pattern", "") == "bidirectional":
        notes.append(
            "an encoder keeps no cache between steps; kv_cache_bytes is what "
            "its keys and values would take"
        )
    if shape["form"] == "encoder-decoder":
        notes.append(
            "kv_cache_bytes is the decoder's own; cross-attention keeps as "
            "much again per source token"
        )
        notes.append(
            "flops_per_token counts both stacks; a source token uses only the "
            "encoder, a target token the decoder"
        )
    if shape["form"] == "hybrid":
        notes.append(
            "the linear layers keep a fixed state beside kv_cache_bytes"
        )
    return notes


def _positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(
            f"must be a whole number from 1, not {text}"
        )
    return value


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m snippets.sizing", description=__doc__.splitlines()[0]
    )
    parser.add_argument("file", metavar="MODEL.yml", type=Path)
    parser.add_argument(
        "--tokens",
        type=_positive,
        default=1,
        help="tokens in the cache of each sequence (1)",
    )
    parser.add_argument(
        "--batch", type=_positive, default=1, help="sequences (1)"
    )
    parser.add_argument(
        "--dtype",
        choices=sorted(BITS),
        default="bf16",
        help="of weights and cache (bf16)",
    )
    parser.add_argument(
        "--kv-dtype",
        choices=sorted(BITS),
        help="of the cache, if not as the weights",
    )
    options = parser.parse_args(arguments)
    try:
        shape = model_file.read(options.file)
    except model_file.BadModelFile as error:
        print(error, file=sys.stderr)
        return 2
    print(
        json.dumps(
            summary(
                shape,
                options.tokens,
                options.batch,
                options.dtype,
                options.kv_dtype or options.dtype,
            ),
            indent=2,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
