"""Reads a model file and says everything that is wrong with it, with line numbers.

`read(path)` returns the file as a dictionary whose count is well defined, or raises `BadModelFile` with all faults.
The schema is closed: a field that nobody knows might change the count, so it is a fault, not a surprise; and so is
a field that the model's form does not use. What the fields mean for the count stands in `counter.py`.
"""

import difflib
import re
from pathlib import Path

import yaml

SUPPORTED = "mha, mqa, gqa, mla, hybrid-linear (Gated DeltaNet, as in Qwen3-Next), encoder-decoder (as in T5)"
GATED = ("swiglu", "geglu", "reglu")
PLAIN = ("gelu", "relu", "relu2", "silu")
LIMIT = 10**9  # no dimension of a model comes near it

SIZE, COUNT, FLAG, TEXT, ANY = "a whole number from 1", "a whole number from 0", "true or false", "text", "anything"
OPTIONAL_SIZE = "a whole number from 1 or null"
FIELDS = {
    "name": TEXT, "architecture": TEXT, "norm_placement": TEXT,
    "n_layers": SIZE, "d_model": SIZE, "vocab_size": SIZE, "tied_embeddings": FLAG,
    "norm": TEXT, "norms_per_layer": COUNT, "final_norm": FLAG,
    "ffn": TEXT, "d_ff": SIZE, "mlp_bias": FLAG, "learned_positions": COUNT, "extra_params": COUNT,
    "n_heads": SIZE, "n_kv_heads": SIZE, "head_dim": SIZE, "v_head_dim": SIZE,
    "qkv_bias": FLAG, "o_bias": FLAG, "qk_norm": TEXT, "attn_sinks": FLAG,
    "global_head_dim": SIZE, "n_kv_heads_global": SIZE, "n_kv_heads_swa": SIZE,
    "per_layer_input_dim": SIZE, "d_ff_kv_shared": SIZE, "n_decoder_layers": SIZE,
    "attention.kind": TEXT, "attention.pattern": TEXT, "attention.window": OPTIONAL_SIZE,
    "attention.full_layers": COUNT, "attention.full_attention_layers": COUNT, "attention.linear_layers": COUNT,
    "attention.mamba_layers": COUNT, "attention.kv_shared_layers": COUNT, "attention.output_gate": FLAG,
    "attention.qk_l2norm": FLAG, "attention.logit_softcap": ANY, "attention.final_softcap": ANY,
    "attention.linear.key_heads": SIZE, "attention.linear.value_heads": SIZE, "attention.linear.key_dim": SIZE,
    "attention.linear.value_dim": SIZE, "attention.linear.conv": SIZE, "attention.linear.heads": SIZE,
    "attention.linear.head_dim": SIZE,
    "mla.kv_lora_rank": SIZE, "mla.q_lora_rank": OPTIONAL_SIZE, "mla.qk_nope_head_dim": SIZE,
    "mla.qk_rope_head_dim": SIZE, "mla.v_head_dim": SIZE, "mla.indexer": ANY, "mla.output_gate": FLAG,
    "mla.o_groups": SIZE, "mla.o_lora_rank": SIZE,
    "moe.n_experts": SIZE, "moe.n_active": SIZE, "moe.d_ff_expert": SIZE, "moe.n_shared": COUNT,
    "moe.d_ff_shared": SIZE, "moe.first_dense_layers": COUNT, "moe.layer_step": SIZE, "moe.router": TEXT,
    "moe.router_bias": FLAG, "moe.routed_scaling": ANY, "moe.latent_size": SIZE, "moe.hash_layers": COUNT,
    "position.type": TEXT, "position.num_buckets": SIZE,
}  # fmt: skip
SECTIONS = ("attention", "attention.linear", "mla", "moe", "position")
# Description, evidence and other people's figures: no count depends on them.
SILENT = re.compile(
    r"(hf_id|year|max_context|source(_\w+)?|published_\w+|computed|check|checkpoint_format|confidence|as_of|also"
    r"|position\.\w+|(\w+\.)*(\w+_)?note)"
)

_DECODER = (
    "n_layers d_model vocab_size tied_embeddings norm norms_per_layer final_norm ffn d_ff mlp_bias learned_positions"
    " extra_params moe.n_experts moe.n_active moe.d_ff_expert moe.n_shared moe.d_ff_shared moe.first_dense_layers"
    " moe.layer_step moe.router_bias"
)
_HEADS = " n_heads n_kv_heads head_dim qkv_bias o_bias qk_norm attention.output_gate"
# Fields that each form uses. Anything else that it holds, and that would mean more parameters, is refused.
USES = {
    "heads": _DECODER + _HEADS + " v_head_dim attn_sinks global_head_dim n_kv_heads_global n_kv_heads_swa"
    " per_layer_input_dim attention.kv_shared_layers d_ff_kv_shared attention.full_layers"
    " attention.full_attention_layers",
    "latent": _DECODER + " n_heads n_kv_heads head_dim qkv_bias o_bias mla.kv_lora_rank mla.q_lora_rank"
    " mla.qk_nope_head_dim mla.qk_rope_head_dim mla.v_head_dim",
    "hybrid": _DECODER + _HEADS + " attention.full_attention_layers attention.linear_layers"
    " attention.linear.key_heads attention.linear.value_heads attention.linear.key_dim attention.linear.value_dim"
    " attention.linear.conv",
    "encoder-decoder": "n_layers n_decoder_layers d_model vocab_size tied_embeddings norm ffn d_ff n_heads"
    " n_kv_heads head_dim position.num_buckets extra_params",
}  # fmt: skip
HARMLESS = (
    "name architecture norm_placement attention.kind attention.pattern attention.window attention.qk_l2norm"
    " attention.logit_softcap attention.final_softcap moe.router moe.routed_scaling position.type"
    " position.num_buckets"
).split()
NEEDS = {
    "heads": "n_layers d_model vocab_size tied_embeddings norm ffn n_heads n_kv_heads head_dim",
    "latent": "n_layers d_model vocab_size tied_embeddings norm ffn n_heads mla.kv_lora_rank mla.q_lora_rank"
    " mla.qk_nope_head_dim mla.qk_rope_head_dim mla.v_head_dim",
    "hybrid": "n_layers d_model vocab_size tied_embeddings norm ffn n_heads n_kv_heads head_dim"
    " attention.output_gate attention.full_attention_layers attention.linear_layers attention.linear.key_heads"
    " attention.linear.value_heads attention.linear.key_dim attention.linear.value_dim attention.linear.conv",
    "encoder-decoder": "n_layers n_decoder_layers d_model vocab_size tied_embeddings norm ffn d_ff n_heads"
    " n_kv_heads head_dim position.num_buckets",
}


class BadModelFile(ValueError):
    """All faults of a file, one a line: `FILE:LINE: what is wrong`."""

    def __init__(self, path, faults):
        self.faults = sorted(set(faults))
        super().__init__("\n".join(f"{path}{f':{line}' if line else ''}: {text}" for line, text in self.faults))


def read(path):
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BadModelFile(path, [(0, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise BadModelFile(path, [(0, "is not UTF-8 text")]) from None
    return parse(text, path)


def parse(text, path="model"):
    """The text of a model file as a nested dictionary; `path` is what errors call it."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise BadModelFile(path, [(mark.line + 1 if mark else 0, f"is not YAML: {problem}")]) from None
    except RecursionError:
        raise BadModelFile(path, [(0, "is nested too deeply to be a model")]) from None
    if not isinstance(root, yaml.MappingNode):
        raise BadModelFile(path, [(1, "must hold one model: fields such as `n_layers: 32`")])
    fields, lines, faults = {}, {}, []
    _flatten(root, "", fields, lines, faults)
    return check(fields, path, lines, faults)


def check(fields, path="model", lines=None, faults=None):
    """Dotted fields (`{"n_layers": 32, "attention.kind": "gqa"}`) as a nested dictionary, if they can be counted."""
    lines, faults = lines or {}, faults or []
    wrong = {name for name, value in fields.items() if not _right_type(name, value)}
    faults += [(lines.get(name, 0), f"{name} must be {FIELDS[name]}, not {fields[name]!r}") for name in wrong]
    fields = {name: value for name, value in fields.items() if name not in wrong}
    form = _form(fields)
    if form is None and "attention.kind" in fields:
        kind = fields["attention.kind"]
        raise BadModelFile(path, [(0, f"attention.kind {kind} is not counted; supported: {SUPPORTED}"), *faults])
    if form is None:
        faults.append((0, "attention.kind is missing"))
    else:
        faults += [(lines.get(name, 0), text) for name, text in _meaning(form, fields, wrong)]
    if faults:
        raise BadModelFile(path, faults)
    shape = {"form": form}
    for name, value in fields.items():
        *sections, last = name.split(".")
        place = shape
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    return shape


def flatten(record):
    """A model's nested fields as dotted ones, without those that no count depends on."""
    fields = {}
    for name, value in record.items():
        inner = {f"{name}.{key}": inside for key, inside in value.items()} if isinstance(value, dict) else {name: value}
        if name == "attention":
            inner |= {f"attention.linear.{key}": inside for key, inside in value.get("linear", {}).items()}
            inner.pop("attention.linear", None)
        fields |= {key: inside for key, inside in inner.items() if key in FIELDS and (inside is not None or FIELDS[key] == OPTIONAL_SIZE)}
    return fields


def _flatten(node, prefix, fields, lines, faults, seen=None):
    seen = set() if seen is None else seen
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        name = prefix + str(key_node.value)
        if SILENT.fullmatch(name) and name not in FIELDS:
            continue
        if name in lines:
            faults.append((line, f"{name} stands here and on line {lines[name]}"))
            continue
        if id(value_node) in seen:
            faults.append((line, f"{name} refers to an anchor; write the value"))
            continue
        seen.add(id(value_node))
        lines[name] = line
        if name in SECTIONS:
            if isinstance(value_node, yaml.MappingNode):
                _flatten(value_node, name + ".", fields, lines, faults, seen)
            elif value_node.value not in ("", "~", "null"):
                faults.append((line, f"{name} must be a section with fields of its own"))
        elif name not in FIELDS:
            close = difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.7)
            meant = f"; did you mean {close[0]}?" if close else ""
            faults.append((line, f"{name} is not a known field and might change the count{meant}"))
        else:
            value = _value(value_node)
            if value is not None or FIELDS[name] == OPTIONAL_SIZE:
                fields[name] = value


def _value(node):
    """A scalar as Python reads it; numbers only in plain decimal (YAML would read 010 as 8 and 1:20 as 80)."""
    if not isinstance(node, yaml.ScalarNode):
        return [] if isinstance(node, yaml.SequenceNode) else {}
    if node.tag == "tag:yaml.org,2002:int":
        return int(node.value) if re.fullmatch(r"[+-]?(0|[1-9][0-9]{0,30})", node.value) else node.value
    if node.tag == "tag:yaml.org,2002:float":
        return float(node.value) if re.fullmatch(r"[-+0-9.eE]+", node.value) else node.value
    return {"tag:yaml.org,2002:null": None, "tag:yaml.org,2002:bool": node.value.lower() in ("true", "yes", "on")}.get(
        node.tag, node.value
    )


def _right_type(name, value):
    wanted = FIELDS.get(name, ANY)
    if wanted == TEXT:
        return isinstance(value, str)
    if wanted == FLAG:
        return isinstance(value, bool)
    if wanted == ANY or (wanted == OPTIONAL_SIZE and value is None):
        return True
    return type(value) is int and (0 if wanted == COUNT else 1) <= value <= LIMIT


def _form(fields):
    """Which of the four forms a file has, or None when it has none that is counted."""
    kind, architecture = fields.get("attention.kind"), fields.get("architecture", "decoder")
    if architecture == "encoder-decoder":
        return "encoder-decoder" if kind == "mha" else None
    if kind in ("mha", "mqa", "gqa"):
        return "heads"
    if kind == "mla":
        return "latent"
    if kind == "hybrid-linear" and not any(name.startswith(("mla.", "attention.linear.head")) for name in fields):
        return "hybrid"
    return None


def _meaning(form, fields, wrong):
    """Faults of a file whose fields have the right types: (field, what is wrong)."""
    get = fields.get
    moe = any(name.startswith("moe.") for name in fields)
    gemma4 = "global_head_dim" in fields
    for name in _needed(form, fields, moe, gemma4):
        if name not in fields and name not in wrong:
            yield "", f"{name} is missing"
    uses = set(USES[form].split())
    for name, value in fields.items():
        if name not in uses and name not in HARMLESS and value not in (None, False, 0):
            yield name, f"{name} would change the count, and a file of this form ({form}) has no such field"

    def at_most(small, large):
        return (
            (small, f"{small} is {get(small)}, more than {large}, {get(large)}")
            for _ in (1,)
            if isinstance(get(small), int) and isinstance(get(large), int) and get(small) > get(large)
        )

    yield from at_most("n_kv_heads", "n_heads")
    yield from at_most("moe.n_active", "moe.n_experts")
    yield from at_most("moe.first_dense_layers", "n_layers")
    yield from at_most("moe.layer_step", "n_layers")
    yield from at_most("attention.kv_shared_layers", "n_layers")
    yield from at_most("attention.full_layers", "n_layers")
    yield from at_most("attention.full_attention_layers", "n_layers")
    yield from _head_faults(form, get)
    yield from _choice_faults(get)
    if get("moe.layer_step", 1) > 1 and get("moe.first_dense_layers", 0) > 0:
        yield "moe.layer_step", "moe.layer_step above 1 beside moe.first_dense_layers is not counted"
    if get("position.type") == "learned_absolute" and not get("learned_positions"):
        yield "position.type", "learned_positions is missing, and position.type is learned_absolute"
    if get("norms_per_layer") is None and form != "encoder-decoder" and _norms(get("norm_placement", "")) is None:
        yield "", "norms_per_layer is missing, and norm_placement does not say how many"
    yield from _form_faults(form, fields, moe, gemma4)
    yield from _window_faults(form, fields)


def _needed(form, fields, moe, gemma4):
    yield from NEEDS[form].split()
    if form == "encoder-decoder":
        return
    dense = fields.get("moe.first_dense_layers", 0) > 0 or fields.get("moe.layer_step", 1) > 1 or gemma4
    if not moe or dense:
        yield "d_ff"
    if moe:
        yield from ("moe.n_experts", "moe.n_active", "moe.d_ff_expert", "moe.n_shared")
        if fields.get("moe.n_shared", 0) > 0:
            yield "moe.d_ff_shared"
        if form != "hybrid" and not gemma4:
            yield "moe.first_dense_layers"
    if fields.get("attention.kv_shared_layers", 0) > 0:
        yield "d_ff_kv_shared"


def _head_faults(form, get):
    heads, kv_heads, kind = get("n_heads"), get("n_kv_heads"), get("attention.kind")
    if heads is None or kv_heads is None:
        return
    if kind in ("mha", "mla") and kv_heads != heads:
        yield "n_kv_heads", f"n_kv_heads is {kv_heads} and n_heads {heads}, but attention.kind {kind} has as many of both"
    elif kind == "mqa" and kv_heads != 1:
        yield "n_kv_heads", f"n_kv_heads is {kv_heads}, but attention.kind mqa has one"
    elif heads % kv_heads:
        yield "n_kv_heads", f"n_heads {heads} is not a multiple of n_kv_heads {kv_heads}"
    sizes = [get("mla.qk_nope_head_dim"), get("mla.qk_rope_head_dim"), get("head_dim")]
    if form == "latent" and None not in sizes and sizes[0] + sizes[1] != sizes[2]:
        yield "head_dim", f"head_dim is {sizes[2]}, but qk_nope_head_dim + qk_rope_head_dim = {sizes[0] + sizes[1]}"


def _choice_faults(get):
    if get("norm", "rmsnorm") not in ("rmsnorm", "layernorm"):
        yield "norm", f"norm {get('norm')} is not counted; known: rmsnorm, layernorm"
    if get("qk_norm", "per_head") not in ("per_head", "full"):
        yield "qk_norm", f"qk_norm {get('qk_norm')} is not counted; known: per_head, full"
    if get("qk_norm") and get("norm") == "layernorm":
        yield "qk_norm", "qk_norm is counted for rmsnorm only: with layernorm, models differ in its shape and bias"
    if get("ffn") is not None and ffn_word(get("ffn")) not in (*GATED, *PLAIN):
        yield "ffn", f"ffn {get('ffn')} is not counted; known: {', '.join((*GATED, *PLAIN))}"
    if get("architecture", "decoder") not in ("decoder", "decoder-only", "encoder", "encoder-only", "encoder-decoder"):
        yield "architecture", f"architecture {get('architecture')} is not counted"


def _form_faults(form, fields, moe, gemma4):
    get = fields.get
    if form == "hybrid":
        parts = [get("attention.full_attention_layers"), get("attention.linear_layers"), get("n_layers")]
        if None not in parts and parts[0] + parts[1] != parts[2]:
            yield "n_layers", f"n_layers is {parts[2]}, but full and linear layers are {parts[0]} + {parts[1]}"
        if get("attention.output_gate") is False:
            yield "attention.output_gate", "attention.output_gate must be true: the Qwen3-Next form has one"
        if moe and get("moe.n_shared", 1) != 1:
            yield "moe.n_shared", f"moe.n_shared is {get('moe.n_shared')}; the Qwen3-Next form has one gated expert"
    if form == "encoder-decoder" and (get("norm") == "layernorm" or get("position.type") != "relative_bucket_bias"):
        yield "position.type", "an encoder-decoder is counted in the form of T5: rmsnorm and relative_bucket_bias"
    if form == "encoder-decoder" and get("n_kv_heads") != get("n_heads"):
        yield "n_kv_heads", "an encoder-decoder is counted in the form of T5: as many KV heads as heads"
    own = ("n_kv_heads_global", "per_layer_input_dim", "attention.kv_shared_layers", "d_ff_kv_shared")
    for name in own:
        if get(name) and not gemma4:
            yield name, f"{name} is counted in the Gemma 4 form only, which has global_head_dim"
    for name in ("n_kv_heads_swa", "v_head_dim", "attn_sinks", "attention.output_gate", "qkv_bias", "o_bias", "mlp_bias"):
        if gemma4 and get(name):
            yield name, f"{name} is not counted in the Gemma 4 form, which has global_head_dim"


def _window_faults(form, fields):
    get = fields.get
    pattern, layers = get("attention.pattern", ""), get("n_layers")
    local = re.search(LOCAL_GLOBAL, pattern)
    split = get("global_head_dim") or get("n_kv_heads_swa")
    if not get("attention.window"):
        if local or split:
            yield "attention.window", "attention.window is missing, and some layers are local"
        return
    if layers is None or form in ("hybrid", "encoder-decoder"):
        return
    attention = {name.removeprefix("attention."): value for name, value in fields.items()}
    if full_layers(layers, attention) is None:
        yield "attention.window", (
            "attention.window is set, but attention.pattern does not say which layers have it; write "
            "`pattern: 3 sliding : 1 full`, or give attention.full_layers"
        )
    elif get("global_head_dim") and (not local or layers % (int(local[1]) + int(local[2]))):
        yield "attention.pattern", "n_layers must be a multiple of attention.pattern's period in the Gemma 4 form"


LOCAL_GLOBAL = r"^(\d{1,6}) (?:local|sliding|chunked)\b.* : (\d{1,6}) (?:global|full)\b"


def full_layers(n_layers, attention):
    """How many layers see everything: from the count given, else from the pattern (local layers come first)."""
    for name in ("full_layers", "full_attention_layers"):
        if attention.get(name) is not None:
            return attention[name]
    pattern = attention.get("pattern", "")
    match = re.search(LOCAL_GLOBAL, pattern)
    if match and int(match[1]) + int(match[2]) > 0:
        local, full = int(match[1]), int(match[2])
        return n_layers // (local + full) * full + max(0, n_layers % (local + full) - local)
    return 0 if pattern.startswith("sliding window") else None


def ffn_word(ffn):
    """`swiglu (clamped 10)` is swiglu."""
    return ffn.split(" ")[0]


def norms_per_layer(shape):
    """As given, else from `norm_placement`; Gemma 4 has three more beside experts, one more per-layer input."""
    if shape.get("norms_per_layer") is not None:
        return shape["norms_per_layer"]
    norms = _norms(shape.get("norm_placement", "pre"))
    if "global_head_dim" in shape:
        norms += 3 * ("moe" in shape) + ("per_layer_input_dim" in shape)
    return norms


def _norms(placement):
    if placement.startswith("pre+post"):
        return 4
    return 2 if placement == "pre" or placement.startswith("post") else None
