"""Index sizes on worked cases (10 million vectors of 1,024: 41 GB in fp32, 1.3
GB in bits), chunk counts against a chunker that walks the document, prices
against hand-made bills.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.sizing import retrieval as r


def test_flat_vectors():
    assert [
        r.flat_index_bytes(10**7, 1024, size) for size in (4, 1, 1 / 8)
    ] == [40.96e9, 10.24e9, 1.28e9]


def test_graph_and_codes():
    assert (
        r.hnsw_index_bytes(10**7, 1024, 4, 32)
        == 10**7 * (4096 + 256)
        == 43_520_000_000
    )
    assert (
        r.ivfpq_index_bytes(10**8, 1024, 65536, 64, 8)
        == 10**8 * 72 + 4 * 65536 * 1024 + 4 * 256 * 1024
    )
    assert r.ivfpq_index_bytes(10, 3, 2, 16, 4) == 10 * 16 + 24 + 4 * 16 * 3


@given(st.integers(1, 2000), st.integers(2, 300), st.data())
def test_chunks_as_a_chunker_cuts_them(tokens, chunk, data):
    overlap = data.draw(st.integers(0, chunk - 1))
    starts, start = 0, 0
    while True:
        starts += 1
        if start + chunk >= tokens:
            break
        start += chunk - overlap
    if tokens > overlap:
        assert r.chunk_count(tokens, chunk, overlap) == starts


def test_worked_chunks_and_query():
    assert r.chunk_count(10_000, 512, 64) == 23
    assert r.query_tokens(8, 512, 300) == 4396
    assert r.embedding_seconds(568e6, 20_000, 989e12, 0.4) == pytest.approx(
        0.0574, abs=5e-5
    )


def test_prices():
    assert r.query_cost(5000, 500, 2, 10) == 0.015
    assert r.cached_query_cost(500_000, 0, 0, 0.4, 4, 18) == pytest.approx(0.2)
    assert (
        r.cached_query_cost(1_000_000, 2_000_000, 3_000_000, 1, 10, 100) == 321
    )


def test_an_agent_that_re_reads_everything():
    assert (
        r.agent_input_tokens(50, 2000)
        == sum(2000 * step for step in range(1, 51))
        == 2_550_000
    )
