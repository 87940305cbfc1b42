"""Closed forms for interview arithmetic: parameters, memory, FLOPs, latency,
cost.

One module a subject, one plain expression a formula. Each formula takes
numbers (it computes) or SymPy symbols (the page's calculator code comes from
it). Start at `quantities.py` for the public names, at `parameters.py`,
`kv_cache.py`, `memory.py`, `roofline.py` and so on for the formulas
themselves, and at `counter.py` for the exact parameter count of a model file.
`python -m snippets.sizing MODEL.yml` prints it.

Units stand in the names: `bytes` are bytes (8 bits), `gb` is 10**9 bytes,
`flops` is a count of floating-point operations (a multiply-add is two),
`seconds` are seconds.
"""
