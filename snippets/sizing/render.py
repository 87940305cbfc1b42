"""The other two faces of a closed form: LaTeX for the page, JavaScript for the
calculator.

Both come from the function itself. LaTeX is read off its one expression, in
the order in which it is written, so that the page shows what the code says;
calls of other closed forms are written out. JavaScript comes from calling the
function with SymPy symbols. SymPy is imported here only, and only for
JavaScript.
"""

import ast
import importlib
import inspect
import textwrap
from decimal import Decimal
from functools import cache

# Names whose short symbol everybody knows; the rest are written out.
SYMBOLS = {
    "head_dim": r"d_{\text{head}}",
    "v_head_dim": r"d_{\text{v}}",
    "qk_nope_head_dim": r"d_{\text{nope}}",
    "qk_rope_head_dim": r"d_{\text{rope}}",
    "kv_lora_rank": r"r_{\text{kv}}",
    "q_lora_rank": r"r_{\text{q}}",
    "vocab_size": r"n_{\text{vocab}}",
    "alpha": r"\alpha",
    "beta": r"\beta",
}
COMMANDS = {
    "ln": r"\ln",
    "log2": r"\log_2",
    "smallest": r"\min",
    "largest": r"\max",
}
FUNCTIONS = {"sqrt", "exp", "ceil_div", "floor_div", *COMMANDS}
SUM, SIGN, PRODUCT, POWER, ATOM = range(1, 6)


MODULES = (
    "parameters",
    "kv_cache",
    "flops",
    "memory",
    "lora",
    "training",
    "parallelism",
    "roofline",
    "serving",
    "speculative",
    "retrieval",
    "evaluation",
    "alignment",
)


def closed_forms():
    """Every closed form by the name `module.function`."""
    return {
        f"{name}.{form.__name__}": form
        for name in MODULES
        for module in (importlib.import_module(f"snippets.sizing.{name}"),)
        for form in vars(module).values()
        if inspect.isfunction(form) and form.__module__ == module.__name__
    }


def tex(form, values=None):
    """The formula as LaTeX: with the names of its inputs, or with `values`
    ({name: number}) put in.
    """
    values = values or {}
    scope = {
        name: (tex_number(values[name]), _tightness(values[name]))
        if name in values
        else (tex_name(name), ATOM)
        for name in inspect.signature(form).parameters
    }
    return _Writer(form, scope, bool(values)).write()


def javascript(form):
    """One JavaScript expression of the function's parameters, which keep their
    names.
    """
    import sympy

    symbols = map(sympy.Symbol, inspect.signature(form).parameters)
    code = sympy.jscode(form(*symbols), strict=False)
    if "\n" in code:  # a remark on what it could not write, or a branch
        raise ValueError(
            f"{form.__name__}: SymPy cannot write it in JavaScript: {code}"
        )
    return code


def javascript_function(form):
    """The same as a whole function."""
    parameters = ", ".join(inspect.signature(form).parameters)
    body = f"return {javascript(form)};"
    return f"function {form.__name__}({parameters}) {{ {body} }}"


def tex_name(name):
    """n_kv_heads becomes n with "kv heads" below; a single word is set
    upright.
    """
    head, _, below = name.partition("_")
    if name in SYMBOLS:
        return SYMBOLS[name]
    if len(head) == 1 and below:
        return rf"{head}_{{\text{{{below.replace('_', ' ')}}}}}"
    return name if len(name) == 1 else rf"\text{{{name.replace('_', ' ')}}}"


def tex_number(value, digits=6):
    """131072 becomes 131{,}072, 9.89e17 becomes 9.89 · 10^17."""
    if isinstance(value, int) and abs(value) < 10**15:
        return f"{value:,}".replace(",", "{,}")
    rounded = Decimal(f"{value:.{digits - 1}e}").normalize()
    exponent = rounded.adjusted()
    if -4 <= exponent < 15:
        return f"{rounded:,f}".replace(",", "{,}")
    mantissa, power = rounded.scaleb(-exponent), f"10^{{{exponent}}}"
    return power if mantissa == 1 else rf"{mantissa} \times {power}"


def _tightness(value):
    if value < 0:
        return SIGN
    return PRODUCT if r"\times" in tex_number(value) else ATOM


@cache
def expression(form):
    """The one expression that a closed form returns, as a syntax tree."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(form))).body
    *documentation, last = definition.body
    documented = all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for node in documentation
    )
    if not isinstance(last, ast.Return) or not documented:
        raise ValueError(
            f"{form.__name__} is not a closed form: it must be a docstring "
            "and one return"
        )
    return last.value


class _Writer:
    """Writes one function's expression. `scope` gives LaTeX and tightness of
    each name.
    """

    def __init__(self, form, scope, numbers):
        self.form, self.scope, self.numbers = form, scope, numbers

    def write(self):
        return self._node(expression(self.form))[0]

    def _node(self, node):
        """LaTeX of a node, and how tightly it holds together."""
        return getattr(self, f"_{type(node).__name__.lower()}")(node)

    def _inside(self, node, tightness):
        text, own = self._node(node)
        return text if own >= tightness else rf"\left({text}\right)"

    def _constant(self, node):
        return tex_number(node.value), ATOM

    def _name(self, node):
        return self.scope[node.id]

    def _unaryop(self, node):
        return "-" + self._inside(node.operand, PRODUCT), SIGN

    def _binop(self, node):
        left, right, operator = node.left, node.right, type(node.op)
        if operator is ast.Div:
            over, under = self._node(left)[0], self._node(right)[0]
            return rf"\frac{{{over}}}{{{under}}}", PRODUCT
        if operator is ast.Pow:
            base, power = self._inside(left, ATOM), self._node(right)[0]
            return f"{base}^{{{power}}}", POWER
        if operator is ast.Mult:
            times = r"\times" if self.numbers else r"\cdot"
            one, other = (self._inside(side, PRODUCT) for side in (left, right))
            return f"{one} {times} {other}", PRODUCT
        if operator is ast.Add:
            return f"{self._inside(left, SUM)} + {self._inside(right, SUM)}", SUM
        one, other = self._inside(left, SUM), self._inside(right, PRODUCT)
        return f"{one} - {other}", SUM

    def _call(self, node):
        name = node.func.id
        if name not in FUNCTIONS:
            return self._written_out(node)
        inner = [self._node(argument)[0] for argument in node.args]
        if name.endswith("_div"):
            side = name.removesuffix("_div")
            ratio = rf"\frac{{{inner[0]}}}{{{inner[1]}}}"
            return rf"\left\l{side} {ratio} \right\r{side}", ATOM
        if name == "sqrt":
            return rf"\sqrt{{{inner[0]}}}", ATOM
        if name == "exp":
            return f"e^{{{inner[0]}}}", POWER
        return rf"{COMMANDS[name]}\left({', '.join(inner)}\right)", ATOM

    def _written_out(self, node):
        """A call of another closed form: its own expression, with the
        arguments in place of its parameters.
        """
        form = inspect.unwrap(self.form).__globals__[node.func.id]
        words = {word.arg: word.value for word in node.keywords}
        given = inspect.signature(form).bind(*node.args, **words).arguments
        scope = {name: self._node(value) for name, value in given.items()}
        return _Writer(form, scope, self.numbers)._node(expression(form))
