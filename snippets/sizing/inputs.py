"""Finds the inputs of a closed form: given by the caller, a field of a model
or accelerator, or worked out from one.

Every input that is used is noted with its source, so that a page can show
where each number of a sum comes from.
"""

import inspect
import math
from functools import cached_property

from snippets.sizing import counter, model_fields, model_file, records

ZERO_TO_ONE = """mfu utilization reserve acceptance rate rate_a rate_b base_rate
    sensitivity specificity alpha escalation_rate disagreement fixed_share
    intraclass_correlation"""
MAY_BE_ZERO = """context reserve acceptance rate rate_a rate_b overlap_tokens draft_cost
    prompt_tokens input_tokens output_tokens cached_tokens fresh_tokens
    inference_tokens n_shared frozen_models scale_bits draft_operations
    escalation_rate intraclass_correlation base_rate observed expected
    fixed_share kv_cache_bytes attention_flops fixed_attention_flops
    time_to_first_token first_dense_layers full_layers
    windowed_layers"""
LABELS = {
    "n_layers": "layers",
    "n_heads": "query heads",
    "n_kv_heads": "KV heads",
    "head_dim": "head size",
    "d_model": "model width",
    "d_ff": "feed-forward width",
    "vocab_size": "vocabulary",
    "gpus": "GPUs",
    "mfu": "MFU",
    "kv_lora_rank": "KV latent size",
    "q_lora_rank": "query latent size",
    "qk_rope_head_dim": "rotary key size",
    "qk_nope_head_dim": "key size without the rotary part",
    "v_head_dim": "value size",
    "full_layers": "layers that see all",
    "windowed_layers": "layers with a window",
    "full_elements": "numbers cached in such a layer",
    "windowed_elements": "numbers cached in one with a window",
    "full_width": "key and value size of a head",
    "windowed_width": "key and value size of a head (window)",
    "reserve": "share kept free",
}


class Inputs:
    """What one call of `compute` may draw on.

    `used` lists (label, value, source) in the order of first use; `taken` are
    the names of the caller's inputs that had an effect.
    """

    def __init__(self, model, gpu, given, defaults, finders):
        self.model_name, self.gpu_name = model, gpu
        self.given, self.defaults = dict(given), defaults
        self.finders = finders
        self.record = records.model(model) if model else {}
        self.gpu = records.accelerator(gpu) if gpu else {}
        self.taken, self.used, self._known = set(), [], {}

    # ---- the model ----------------------------------------------------------

    @property
    def has_model(self):
        return bool(self.record)

    @property
    def shape(self):
        """The model with the caller's changes; ValueError if its parameters
        cannot be counted.
        """
        shape, error = self._checked
        if error:
            raise ValueError(str(error))
        return shape

    @property
    def countable(self):
        return self._checked[0] is not None

    @cached_property
    def count(self):
        return counter.count(self.shape)

    def recorded(self, name):
        """A figure of the record, for models that cannot be counted."""
        return None if self.countable else self.record["computed"].get(name)

    @cached_property
    def _checked(self):
        fields = dict(self._fields)
        for name, value in self.given.items():
            target = self._field(name)
            if target is not None:
                self.taken.add(name)
                fields[target] = value
        try:
            return model_file.check(fields, self.model_name), None
        except model_file.BadModelFile as error:
            return None, error

    @cached_property
    def _fields(self):
        return model_file.flatten(self.record)

    def _field(self, name):
        """The dotted field of a plain name: n_experts is moe.n_experts."""
        if name in self._fields:
            return name
        ends = (f for f in self._fields if f.endswith("." + name))
        return next(ends, name if name in model_fields.FIELDS else None)

    @property
    def model_source(self):
        return self._source(self.record)

    @property
    def gpu_source(self):
        return self._source(self.gpu)

    @staticmethod
    def _source(record):
        name, url = str(record.get("name")), records.source_url(record)
        return (name, url) if url else f"{name}, {records.source(record)}"

    # ---- one input ----------------------------------------------------------

    def choice(self, name, known, default=None):
        """A word that the caller chooses, such as dtype="bf16"."""
        self.taken.add(name)
        value = self.given.get(name, default)
        if value not in known:
            near = records.nearest(value, known)
            raise ValueError(f"{name} is {value!r}; {near}")
        return value

    def take(self, name):
        """The value of one input; it is noted in `used`."""
        if name not in self._known:
            value, label, source = self._find(name)
            _check(name, value)
            plain = name.replace("_", " ").replace("flops", "FLOPs")
            plain = LABELS.get(name, plain)
            self.note(name, value, label or plain, source)
        return self._known[name]

    def call(self, form):
        """A closed form of inputs that are found and noted."""
        names = inspect.signature(form).parameters
        return form(**{name: self.take(name) for name in names})

    def note(self, name, value, label, source):
        """Uses a value that was worked out elsewhere."""
        self._known[name] = value
        self.used.append((label, value, source))

    def put(self, name, value):
        """Sets an input without noting it."""
        self._known[name] = value

    def _find(self, name):
        if name in self.given:
            self.taken.add(name)
            return self.given[name], None, ""
        found = name in self.finders and self.finders[name](self)
        if found:
            return found
        if self._field(name) in self._fields:
            return self._fields[self._field(name)], None, self.model_source
        if name in self.defaults:
            return self.defaults[name], None, "default"
        hint = "" if self.has_model else " or model=…"
        of_gpu = ("peak_flops_per_second", "bytes_per_second", "memory_bytes")
        if name in of_gpu and not self.gpu:
            hint = " or gpu=…"
        raise ValueError(f"{name} is missing: give {name}=…{hint}")


def _check(name, value):
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        raise ValueError(f"{name} must be a number, not {value!r}")
    if value < 0 or (value == 0 and name not in MAY_BE_ZERO.split()):
        raise ValueError(f"{name} must be above 0, not {value}")
    if name in ZERO_TO_ONE.split() and value > 1:
        raise ValueError(f"{name} is a share between 0 and 1, not {value}")
