"""The command prints JSON for every file that can be counted and, for others,
every fault and exit code 2.
"""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from snippets.sizing import __main__ as command
from snippets.sizing import records

MODELS = records.DATA / "models"


def printed(capsys, *arguments):
    assert command.main([str(argument) for argument in arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_llama_70b(capsys):
    shown = printed(capsys, MODELS / "llama-3.1-70b.yml", "--tokens", 131072)
    assert shown["total_params"] == shown["active_params"] == 70_553_706_496
    assert shown["weights_bytes"] == 141_107_412_992
    assert shown["kv_cache_bytes"] == 40 * 2**30
    assert shown["flops_per_token"] == 2 * (70_553_706_496 - 128_256 * 8192)
    assert shown["attention_flops_per_token"] == 4 * 80 * 64 * 128 * 131072
    assert "notes" not in shown
    assert shown["model"] == "Llama-3.1 70B"


def test_defaults_are_one_token_of_one_sequence_in_bf16(capsys):
    shown = printed(capsys, MODELS / "deepseek-v3.yml")
    assert (
        shown["tokens"],
        shown["batch"],
        shown["dtype"],
        shown["kv_dtype"],
    ) == (1, 1, "bf16", "bf16")
    assert shown["kv_cache_bytes"] == 70_272
    assert shown["active_params"] == 37_552_297_472
    assert shown["parts"]["router"] == 58 * (7168 * 256 + 256)


def test_sizes_stay_exact_beyond_53_bits(capsys):
    tokens = 10**12 + 1
    shown = printed(capsys, MODELS / "llama-3.1-70b.yml", "--tokens", tokens)
    assert shown["kv_cache_bytes"] == 327_680 * tokens


def test_linear_layers_cost_the_same_at_any_context(capsys):
    shown = printed(capsys, MODELS / "qwen3.5-27b.yml", "--tokens", 1000)
    linear = 7 * 48 * 48 * 128 * 128
    expected = 4 * 16 * 24 * 256 * 1000 + linear
    assert shown["attention_flops_per_token"] == expected


def test_attention_of_two_stacks_is_not_one_number(capsys):
    shown = printed(capsys, MODELS / "t5-base.yml")
    assert shown["attention_flops_per_token"] is None


def test_batch_and_precision(capsys):
    shown = printed(
        capsys,
        MODELS / "gpt-oss-120b.yml",
        "--tokens",
        1000,
        "--batch",
        3,
        "--dtype",
        "fp8",
    )
    assert shown["weights_bytes"] == 116_829_156_672
    assert shown["kv_cache_bytes"] == 3 * 2 * 8 * 64 * 18 * 1128
    shown = printed(
        capsys,
        MODELS / "gpt-oss-120b.yml",
        "--dtype",
        "mxfp4",
        "--kv-dtype",
        "bf16",
    )
    assert shown["weights_bytes"] == 116_829_156_672 * 4.25 / 8
    assert shown["kv_cache_bytes"] == 73_728


@pytest.mark.parametrize(
    "name", ["t5-base", "bert-base-uncased", "qwen3.5-27b"]
)
def test_what_a_number_leaves_out_is_said(capsys, name):
    assert printed(capsys, MODELS / f"{name}.yml")["notes"]


def test_the_output_is_indented_for_people(capsys):
    assert command.main([str(MODELS / "gpt-2-small.yml")]) == 0
    assert capsys.readouterr().out.startswith('{\n  "model": "GPT-2')


def test_help_says_what_it_does(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])
    told = capsys.readouterr().out.splitlines()
    assert "Counts the parameters of a model file exactly." in told


def test_one_is_the_smallest_number(capsys):
    one = printed(capsys, MODELS / "gpt-2-small.yml", "--tokens", "1")
    assert one["tokens"] == 1
    with pytest.raises(SystemExit):
        command.main([str(MODELS / "gpt-2-small.yml"), "--batch", "0"])
    told = capsys.readouterr().err
    assert "must be a whole number from 1, not 0" in told


def test_an_unknown_format_of_the_cache_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main([str(MODELS / "gpt-2-small.yml"), "--kv-dtype", "fp7"])
    assert "invalid choice: 'fp7'" in capsys.readouterr().err


def test_bad_file_exits_2_with_every_fault(capsys, tmp_path):
    bad = tmp_path / "bad.yml"
    bad.write_text("n_layers: -1\nattention: {kind: gqa}\n")
    assert command.main([str(bad)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert (
        f"{bad}:1: n_layers must be a whole number from 1, not -1" in told.err
    )
    assert f"{bad}:1: d_model is missing" in told.err


def test_other_attention_exits_2(capsys):
    path = MODELS / "deepseek-v4-pro.yml"
    assert command.main([str(path)]) == 2
    assert capsys.readouterr().err.startswith(
        f"{path}: attention.kind csa/hca (shared-KV MQA) is not counted; supported: mha"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--tokens", "0"],
        ["--tokens", "x"],
        ["--batch", "-1"],
        ["--dtype", "bf8"],
        [],
    ],
)
def test_bad_arguments_exit_2(arguments, capsys):
    file = [] if not arguments else [str(MODELS / "llama-3.1-8b.yml")]
    with pytest.raises(SystemExit) as stop:
        command.main([*file, *arguments])
    assert stop.value.code == 2


def test_runs_as_a_module_without_pytorch_or_sympy():
    root = Path(__file__).resolve().parents[2]
    code = (
        "import runpy, sys; sys.argv = ['sizing', 'docs/data/models/llama-3.1-8b.yml']\n"
        "try: runpy.run_module('snippets.sizing', run_name='__main__')\n"
        "except SystemExit as stop: assert not stop.code\n"
        "assert not {'torch', 'sympy', 'numpy'} & set(sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(run.stdout)["total_params"] == 8_030_261_248


def test_as_a_program_it_exits_with_the_status(monkeypatch, tmp_path, capsys):
    for file, status in (
        (MODELS / "llama-3.1-8b.yml", 0),
        (tmp_path / "absent.yml", 2),
    ):
        monkeypatch.setattr(sys, "argv", ["sizing", str(file)])
        with pytest.raises(SystemExit) as stop:
            runpy.run_path(command.__file__, run_name="__main__")
        assert stop.value.code == status


def test_the_keys_are_a_fixed_set(capsys):
    assert set(printed(capsys, MODELS / "llama-3.1-8b.yml")) >= {
        "total_params",
        "active_params",
        "active_matmul_params",
        "non_embedding_params",
        "parts",
        "weights_bytes",
        "kv_cache_bytes",
    }


def test_the_help_says_what_it_counts_and_what_each_option_means(capsys):
    with pytest.raises(SystemExit):
        command.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for words in (
        "usage: python -m snippets.sizing [-h]",
        "Counts the parameters of a model file exactly.",
        " MODEL.yml ",
        "--tokens TOKENS cached tokens (1) --batch",
        "--batch BATCH sequences (1) --dtype",
        " of all (bf16) --kv-dtype",
    ):
        assert words in text
    assert text.endswith("of the cache, if different")


def test_notes_read_as_written(capsys):
    shape = {"attention": {}, "form": "encoder-decoder"}
    assert command._notes(shape) == [
        "kv_cache_bytes is the decoder's own; cross-attention keeps as much "
        "again per source token",
        "flops_per_token counts both stacks; a source token uses only the "
        "encoder, a target token the decoder",
    ]
    assert command._notes(shape | {"form": "hybrid"}) == [
        "the linear layers keep a fixed state beside kv_cache_bytes"
    ]
    assert command._notes(shape | {"form": "heads"}) == []
    both = {"attention": {"pattern": "bidirectional"}, "form": "heads"}
    assert command._notes(both) == [
        "an encoder keeps no cache between steps; kv_cache_bytes is what "
        "its keys and values would take"
    ]
