"""Finds the inputs of a closed form: given by the caller, a field of a model or accelerator, or worked out from one.

Every input that is used is noted with its source, so that a page can show where each number of a sum comes from.
"""

import math
from functools import cached_property

from snippets.sizing import counter, model_fields, model_file, records

ZERO_TO_ONE = {
    "mfu", "utilization", "reserve", "acceptance", "rate", "rate_a", "rate_b", "base_rate", "sensitivity",
    "specificity", "alpha", "escalation_rate", "disagreement", "fixed_share", "intraclass_correlation",
}  # fmt: skip
MAY_BE_ZERO = {
    "context", "reserve", "acceptance", "rate", "rate_a", "rate_b", "overlap_tokens", "draft_cost", "prompt_tokens",
    "output_tokens", "cached_tokens", "fresh_tokens", "inference_tokens", "n_shared", "frozen_models", "scale_bits",
    "draft_operations", "escalation_rate", "intraclass_correlation", "base_rate", "observed", "expected", "fixed_share",
    "input_tokens", "kv_cache_bytes", "attention_flops", "time_to_first_token", "first_dense_layers",
    "full_layers", "windowed_layers",
}  # fmt: skip
LABELS = {
    "n_layers": "layers", "n_heads": "query heads", "n_kv_heads": "KV heads", "head_dim": "head size",
    "d_model": "model width", "d_ff": "feed-forward width", "vocab_size": "vocabulary", "gpus": "GPUs", "mfu": "MFU",
    "kv_lora_rank": "KV latent size", "q_lora_rank": "query latent size", "qk_rope_head_dim": "rotary key size",
    "qk_nope_head_dim": "key size without the rotary part", "v_head_dim": "value size",
    "peak_flops_per_second": "peak FLOP/s", "bytes_per_second": "bytes per second",
    "bits_per_param": "bits per parameter", "full_layers": "layers that see all", "reserve": "share kept free",
    "windowed_layers": "layers with a window", "weight_bytes_read": "bytes of weights read in a step",
}  # fmt: skip


class Inputs:
    """What one call of `compute` may draw on. `used` lists (label, value, source) in the order of first use."""

    def __init__(self, model, gpu, given, defaults, derived):
        self.model_name, self.gpu_name, self.given, self.defaults = model, gpu, dict(given), defaults
        self.derived = derived
        self.record = records.model(model) if model else {}
        self.gpu = records.accelerator(gpu) if gpu else {}
        self.taken, self.used, self._known = set(), [], {}

    # ---- the model -------------------------------------------------------------------------------------

    @cached_property
    def countable(self):
        return self.has_model and self._shape_or_error[0] is not None

    @property
    def has_model(self):
        return bool(self.record)

    @cached_property
    def _shape_or_error(self):
        fields = model_file.flatten(self.record)
        for name, value in self.given.items():
            target = self._field(name, fields)
            if target is not None:
                self.taken.add(name)
                fields[target] = value
        try:
            return model_file.check(fields, self.model_name), None
        except model_file.BadModelFile as error:
            return None, error

    @property
    def shape(self):
        """The model with the caller's changes, checked; ValueError if its parameters cannot be counted."""
        shape, error = self._shape_or_error
        if error:
            raise ValueError(str(error))
        return shape

    @staticmethod
    def _field(name, fields):
        """The dotted field that a plain name means in this model: n_experts is moe.n_experts."""
        if name in fields:
            return name
        inner = next((full for full in fields if full.endswith("." + name)), None)
        return inner or (name if name in model_fields.FIELDS else None)

    @cached_property
    def count(self):
        return counter.count(self.shape)

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

    # ---- one input -------------------------------------------------------------------------------------

    def choice(self, name, known, default=None):
        """A word that the caller chooses among known ones, such as dtype="bf16"."""
        self.taken.add(name)
        value = self.given.get(name, default)
        if value not in known:
            raise ValueError(f"{name} is {value!r}; {records.nearest(value, known)}")
        return value

    def take(self, name):
        """The value of one input; it is noted in `used`."""
        if name not in self._known:
            value, label, source = self._find(name)
            self._check(name, value)
            self._known[name] = value
            self.used.append((label or LABELS.get(name, name.replace("_", " ")), value, source))
        return self._known[name]

    def put(self, name, value):
        """Sets an input without listing it among those used."""
        self._known[name] = value

    def note(self, name, value, label, source):
        """Uses a value that was worked out elsewhere."""
        self._known[name] = value
        self.used.append((label, value, source))
        return value

    def _find(self, name):
        if name in self.given:
            self.taken.add(name)
            return self.given[name], None, ""
        if name in self.derived and (found := self.derived[name](self)) is not None:
            return found
        if self.has_model:
            fields = model_file.flatten(self.record)
            field = self._field(name, fields)
            if field in fields:
                return fields[field], None, self.model_source
        if name in self.defaults:
            return self.defaults[name], None, "default"
        raise ValueError(f"{name} is missing: give {name}=…" + self._hint(name))

    def _hint(self, name):
        if name in ("peak_flops_per_second", "bytes_per_second", "memory_bytes") and not self.gpu:
            return " or gpu=…"
        return "" if self.has_model else " or model=…"

    @staticmethod
    def _check(name, value):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{name} must be a number, not {value!r}")
        if value < 0 or (value == 0 and name not in MAY_BE_ZERO):
            raise ValueError(f"{name} must be above 0, not {value}")
        if name in ZERO_TO_ONE and value > 1:
            raise ValueError(f"{name} is a share between 0 and 1, not {value}")
