"""Every record is named after its file, says where it was read and when, and
holds numbers where numbers belong; prices say when they go stale.
"""

import datetime
import re

import pytest
import yaml

from snippets.sizing import records

MODELS, HARDWARE = records.names("models"), records.names("hardware")
MEASURES = """bf16 fp8 fp4 fp6 int8 mem_GB bw_GBps nvlink_GBps link_GBps
    ici_GBps tdp_W mamf_bf16 fp16_fp16acc fp8_fp16acc""".split()


def test_the_anchors_of_the_handbook_are_there():
    assert {"llama-3.1-70b", "deepseek-v3", "mixtral-8x7b"} <= set(MODELS)
    assert {"gpt-2-small", "gpt-oss-120b"} <= set(MODELS)
    assert {"h100-sxm5-80gb", "gh200-96gb-hbm3", "l4"} <= set(HARDWARE)
    assert len(MODELS) == 80 and len(HARDWARE) == 25


@pytest.mark.parametrize("name", MODELS)
def test_model(name):
    record = records.model(name)
    words = re.sub(r"[^a-z0-9.]+", "-", record["name"].lower())
    assert words.startswith(name.replace("uncased", "")), words
    for field in ("source", "source_published"):
        for entry in record[field]:
            assert entry["title"]
            url = entry.get("url", "https://")
            assert url.startswith("https://")
    assert isinstance(record["as_of"], datetime.date)
    assert type(record["computed"]["total"]) is int


@pytest.mark.parametrize("name", HARDWARE)
def test_accelerator(name):
    record = records.accelerator(name)
    for field in MEASURES:
        value = record.get(field)
        assert value is None or (type(value) in (int, float) and value >= 0), (
            field
        )
    assert record["bf16"] and record["bw_GBps"] and record["mem_GB"]
    assert record["source"] and isinstance(record["as_of"], datetime.date)


def test_source_in_words():
    record = records.accelerator("h100-sxm5-80gb")
    text = records.source(record)
    assert text.startswith("ai-dynamo/aiconfigurator at 095f58a")
    assert text.endswith("(as of 2026-11-22)")
    assert records.source_url(record).startswith("https://github.com/ai-dyn")
    assert records.source({"source": "a book"}) == "a book"
    assert records.source_url({"source": "a book"}) is None
    assert records.source({}) == ""
    two = [{"title": "one", "url": "https://one"}, {"title": "two"}]
    assert records.source({"source": two}) == "one; two"
    assert records.source_url({"source": two[::-1]}) == "https://one"


def test_near_names_are_offered_the_nearest_first():
    known = ["batch", "batches", "patches", "notches", "layers"]
    assert records.nearest("batche", known) == (
        "did you mean batches or batch or patches?"
    )
    assert records.nearest("abcd", ["abxy"]) == "did you mean abxy?"
    assert records.nearest("abcd", ["axyz", "q"]) == "known: axyz, q"


def test_records_are_read_once():
    assert records.model("gpt-2-small") is records.model("gpt-2-small")


@pytest.mark.parametrize(
    "name, near",
    [
        ("llama-3.1-80b", "did you mean llama-3.1-8b"),
        ("qqqqqq", "known: bert-base-uncased, deepseek-v2"),
    ],
)
def test_unknown_names(name, near):
    with pytest.raises(ValueError, match=near):
        records.model(name)


def test_prices_are_dated_and_complete():
    text = (records.DATA / "prices.yml").read_text(encoding="utf-8")
    prices = yaml.safe_load(text)
    assert isinstance(prices["as_of"], datetime.date)
    assert prices["stale_after_days"] == 90
    for name, price in prices["models"].items():
        assert price["name"] and price["source"].startswith("https://"), name
        assert 0 < price["input"] < price["output"]
        assert price.get("cached_input", 0) < price["input"]
        if "above" in price:
            assert price["above"]["input"] > price["input"]
            assert price["above"]["tokens"] % 1000 == 0
