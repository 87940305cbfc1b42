"""The parameters of a model as a sum of its parts.

The counter is no closed form, so its formula on a page is the sum itself.
"""

from dataclasses import dataclass

from snippets.sizing import families, parameters, render
from snippets.sizing.layers import norms_per_layer

WHOLE = {
    "total": "total",
    "active": "active_incl_embedding",
    "active_matmul": "active_matmul",
    "active_non_embedding": "active_non_embedding",
    "non_embedding": "non_embedding",
}
PARTS = (
    *("embedding", "positions", "attention", "ffn", "router", "norm"),
    "lm_head",
)
ONE_LAYER = ("layer", "attention_layer", "ffn_layer")


@dataclass(frozen=True)
class Sum:
    value: int
    tex: str
    substituted: str


def params(inputs):
    """A whole model, a part of all its layers, or one layer: `part=`."""
    known = (*WHOLE, *PARTS, *ONE_LAYER)
    part = inputs.choice("part", known, "total")
    if not inputs.has_model:
        return _typed(inputs, part)
    if not inputs.countable and part in WHOLE:
        recorded = inputs.recorded(WHOLE[part])
        if recorded is not None:
            return _listed(inputs, {f"{part}, as recorded": recorded})
    if part in WHOLE:
        return _listed(inputs, _terms(inputs.count, part))
    if part in PARTS:
        return _listed(inputs, {part: inputs.count.parts[part]})
    return _listed(inputs, _one_layer(inputs, part))


def _typed(inputs, part):
    """A closed form for shapes that are given without a model."""
    if part == "layer":
        return parameters.layer_params
    if part != "total":
        raise ValueError(f"part={part!r} needs model=…")
    if "n_experts" in inputs.given:
        return parameters.moe_decoder_params
    return parameters.decoder_params


def _terms(count, part):
    """The parts that add up to a total, with what is left out subtracted."""
    terms = dict(count.parts)
    if part != "total" and part != "non_embedding":
        terms["experts left out"] = -count.idle
    if part not in ("total", "active"):
        head = part == "active_matmul"
        terms["embedding"] *= head and count.tied
        terms["lm_head"] *= head
        terms["rows only looked up"] = -count.lookup
    return terms


def _one_layer(inputs, part):
    shape, count = inputs.shape, inputs.count
    layers, moe = shape["n_layers"], shape.get("moe", {})
    if shape["form"] not in ("heads", "latent") or families.is_mixed(shape):
        raise ValueError(
            f"{inputs.model_name}: its layers differ, so one layer has no "
            "single size"
        )
    if moe.get("first_dense_layers") or moe.get("layer_step", 1) > 1:
        raise ValueError(
            f"{inputs.model_name}: some layers are dense and some routed, so "
            "one layer has no single size"
        )
    norms = norms_per_layer(shape)
    norm = count.parts["norm"] // (
        norms * layers + shape.get("final_norm", True)
    )
    terms = {
        f"{name} of one layer": count.parts[name] // layers
        for name in ("attention", "ffn", "router")
    }
    if part == "attention_layer":
        return {name: terms[name] for name in list(terms)[:1]}
    if part == "ffn_layer":
        return {name: terms[name] for name in list(terms)[1:]}
    return terms | {"norms of one layer": norms * norm}


def _listed(inputs, terms):
    """Notes the terms as inputs and writes their sum in LaTeX."""
    terms = {name: size for name, size in terms.items() if size} or terms
    names, numbers = "", ""
    for name, size in terms.items():
        word = name.replace("_", " ")
        label = f"parameters: {word}"
        inputs.note(name, size, label, inputs.model_source)
        sign = " - " if size < 0 else " + "
        names += sign + rf"N_{{\text{{{word}}}}}"
        numbers += sign + render.tex_number(abs(size))
    return Sum(
        sum(terms.values()),
        names.removeprefix(" + "),
        numbers.removeprefix(" + "),
    )
