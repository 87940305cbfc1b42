"""Every number that a page may ask for by name, and what stands behind it.

    compute("kv_cache_bytes", model="llama-3.1-70b", tokens=131072).value

is 42949672960. `QUANTITIES` lists the names. A model's fields can be
overridden (`n_kv_heads=64`), or all inputs given without a model. The
arithmetic is a closed form's; which one is picked by the family of the
model's attention (families.py), and inputs that follow from others are found
in derived.py.
"""

import inspect
from dataclasses import dataclass

from snippets.sizing import derived, names, parts, records, render
from snippets.sizing.inputs import Inputs


@dataclass(frozen=True)
class Computed:
    """A number with everything that stands behind it.

    `inputs` are (label, value, source); the source is empty for what the
    caller gave, else text, or (text, address).
    """

    value: int | float | tuple
    unit: str
    title: str
    formula_tex: str
    substituted_tex: str
    result: str
    inputs: list
    module: str
    function: str

    @property
    def steps(self):
        return ["= " + self.substituted_tex]


@dataclass(frozen=True)
class Quantity:
    """`form` is a closed form; or `pick` chooses one for the inputs.

    `derive` says what an input means for this quantity where that differs.
    """

    title: str
    unit: str
    form: object
    pick: object
    defaults: dict
    derive: dict


QUANTITIES = {
    name: Quantity(
        title,
        names.unit(name),
        names.form(name),
        names.PICK.get(name),
        names.DEFAULTS.get(name, {}),
        names.DERIVE.get(name, {}),
    )
    for name, title in names.TITLES.items()
}


def compute(name, model=None, gpu=None, **given):
    """The quantity for a model, an accelerator and inputs.

    ValueError says what is missing, unknown or impossible.
    """
    if name not in QUANTITIES:
        known = records.nearest(name, QUANTITIES)
        raise ValueError(f"no quantity {name!r}; {known}")
    if name == "wilson_interval" and "part" not in given:
        return _both_ends(model, gpu, given)
    quantity = QUANTITIES[name]
    finders = {**derived.DERIVED, **quantity.derive}
    inputs = Inputs(model, gpu, given, quantity.defaults, finders)
    form = quantity.form or quantity.pick(inputs)
    if isinstance(form, parts.Sum):
        value, parameters = form.value, []
        formula, substituted = form.tex, form.substituted
    else:
        parameters = list(inspect.signature(form).parameters)
        values = {
            parameter: inputs.take(parameter) for parameter in parameters
        }
        value = _call(name, form, values)
        formula, substituted = render.tex(form), render.tex(form, values)
    _refuse_unused(name, given, inputs, {*parameters, *quantity.defaults})
    module, function = _place(form)
    return Computed(
        value,
        quantity.unit,
        quantity.title,
        formula,
        substituted,
        _words(value, quantity.unit),
        inputs.used,
        module,
        function,
    )


def _call(name, form, values):
    try:
        value = form(**values)
    except (ZeroDivisionError, OverflowError, ValueError) as error:
        raise ValueError(f"{name}: {error} with {values}") from None
    if isinstance(value, complex):
        raise ValueError(f"{name} is no real number with {values}")
    return derived.whole(value) if abs(value) < 2**53 else value


def _refuse_unused(name, given, inputs, parameters):
    known = parameters | inputs.taken
    unused = [
        f"{name} does not use {extra!r}: {records.nearest(extra, known)}"
        for extra in sorted(set(given) - inputs.taken)
    ]
    if unused:
        raise ValueError("; ".join(unused))


def _place(form):
    if isinstance(form, parts.Sum):
        return "snippets/sizing/counter.py", "count"
    return form.__module__.replace(".", "/") + ".py", form.__name__


def _words(value, unit):
    """The exact value: 42,949,672,960 bytes."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    return f"{text} {unit}".strip()


def _both_ends(model, gpu, given):
    ends = [
        compute("wilson_interval", model, gpu, part=part, **given)
        for part in ("lower", "upper")
    ]
    fields = vars(ends[0]) | {
        "value": tuple(end.value for end in ends),
        "result": " to ".join(end.result for end in ends),
        "function": ", ".join(end.function for end in ends),
    }
    return Computed(**fields)
