"""Vector indexes, chunks, and what a retrieval query costs."""

from snippets.sizing.symbolic import ceil_div


def flat_index_bytes(vectors, dimensions, bytes_per_component):
    """The vectors themselves. 10 million of 1,024 in fp32: 41 GB; int8 10 GB;
    one bit (1/8 byte) 1.3 GB.
    """
    return vectors * dimensions * bytes_per_component


def hnsw_index_bytes(vectors, dimensions, bytes_per_component, links):
    """Vectors and the graph's lowest layer, 2M links of 4 bytes each
    (arXiv:1603.09320, section 4.2.3; the upper layers add about one link a
    vector).

    10 million of 1,024 in fp32 with M = 32: 43.5 GB.
    """
    return vectors * (dimensions * bytes_per_component + 2 * links * 4)


def ivfpq_index_bytes(vectors, dimensions, lists, subquantizers, bits):
    """Codes and 8-byte ids, coarse centroids and codebooks in fp32 (Faiss
    wiki, "Faiss indexes").

    100 million of 1,024 in 64 bytes, 65,536 lists: 7.5 GB instead of 410.
    """
    return (
        vectors * (subquantizers * bits / 8 + 8)
        + 4 * lists * dimensions
        + 4 * 2**bits * dimensions
    )


def chunk_count(document_tokens, chunk_tokens, overlap_tokens):
    """Chunks of one document when each starts chunk − overlap after the last.
    10,000 tokens, 512 by 64: 23.
    """
    return ceil_div(
        document_tokens - overlap_tokens, chunk_tokens - overlap_tokens
    )


def embedding_seconds(params, tokens, peak_flops_per_second, mfu):
    """Time to embed a corpus, 2ND. 568 million parameters, 20,000 tokens, an
    H100 at 40 %: 57 ms.
    """
    return 2 * params * tokens / (peak_flops_per_second * mfu)


def query_tokens(chunks, chunk_tokens, prompt_tokens):
    """What the generator reads. 8 chunks of 512 and 300 of prompt: 4,396."""
    return chunks * chunk_tokens + prompt_tokens


def query_cost(input_tokens, output_tokens, input_price, output_price):
    """Prices are a million tokens. 5,000 in at 2, 500 out at 10: 0.015."""
    return (
        input_tokens * input_price + output_tokens * output_price
    ) / 1000000


def cached_query_cost(
    cached_tokens,
    fresh_tokens,
    output_tokens,
    cached_price,
    input_price,
    output_price,
):
    """With a cached prefix. 500,000 cached at 0.40: 0.20, not 2.00 at 4."""
    return (
        cached_tokens * cached_price
        + fresh_tokens * input_price
        + output_tokens * output_price
    ) / 1000000


def agent_input_tokens(steps, tokens_per_step):
    """An agent that re-reads everything each step pays 1 + 2 + … + n steps. 50
    steps of 2,000: 2.55 million.
    """
    return tokens_per_step * steps * (steps + 1) / 2
