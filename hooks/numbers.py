"""The number check: a figure with a unit is computed, cited or marked given, or it does not land.

    unexplained(page, computed)     # -> problems, one a figure

A figure is explained when it comes from a macro; when its sentence (or table) holds `cite(...)`, or its paragraph
`{given}`; when it is an input of a macro on the page; or when it restates a number computed on the page ("about 40
GiB"), or quotes a recording shown there to its last digit. Wrong on purpose, so left alone: sample answers below a strong hire, red flags, the no-hire column of a rubric,
a quoted claim that the sentence goes on to refute, and a heading that is one. Not read at all: code, formulas, titles of blocks, link
targets, names of models.

Does not know whether a citation is right: it only refuses a figure with none.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hooks import memory, prose
from hooks.model import Handbook, Page
from hooks.problems import Problem

UNITS = {
    "B": 1e9, "M": 1e6, "T": 1e12, "K": 1e3,  # of parameters or tokens
    "bytes": 1, "byte": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
    "FLOP": 1, "FLOPs": 1, "GFLOPs": 1e9, "TFLOPs": 1e12, "PFLOPs": 1e15,
    "FLOP/s": 1, "GFLOP/s": 1e9, "TFLOP/s": 1e12, "PFLOP/s": 1e15,
    "GB/s": 1e9, "TB/s": 1e12, "MB/s": 1e6, "tokens": 1, "tokens/s": 1, "parameters": 1, "params": 1,
    "%": 1, "ms": 1e-3, "µs": 1e-6, "s": 1, "seconds": 1, "GPU-hours": 1, "GPU hours": 1,
}  # fmt: skip
DIMENSION = {
    **dict.fromkeys(("B", "M", "T", "K", "tokens", "parameters", "params"), "count"),
    **{unit: "bytes" for unit in UNITS if unit.endswith(("KB", "MB", "GB", "TB", "PB", "iB", "byte", "bytes"))},
    **{unit: "FLOPs" for unit in UNITS if unit.endswith(("FLOP", "FLOPs"))},
    **{unit: "rate" for unit in UNITS if unit.endswith("/s")},
    "%": "%", "ms": "time", "µs": "time", "s": "time", "seconds": "time", "GPU-hours": "GPU-hours", "GPU hours": "GPU-hours",
}  # fmt: skip
CHECKED = [unit for unit in UNITS if unit not in ("K", "T", "M", "s")]  # these alone are too often no unit
NUMBER = r"\d{1,3}(?:[,\u202f ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
POWER = r"(?:\s?[×x]\s?10(?:\^?\d+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
FIGURE = re.compile(
    rf"(?<![\w.,/-])(?P<dollar>\$)?(?P<number>{NUMBER})(?P<power>{POWER})"
    rf"(?:[\s\u00a0\u202f-]?(?P<scale>thousand|million|billion|trillion))?"
    rf"(?:[\s\u00a0\u202f-]?(?P<unit>{'|'.join(re.escape(unit) for unit in sorted(CHECKED, key=len, reverse=True))}))?(?![\w/])"
)
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
MACRO = re.compile(r"<%=.*?%>", re.DOTALL)
WRONG_ON_PURPOSE = re.compile(r"^///\s*(sample\s*\|\s*(no|lean) hire|redflags)\b", re.IGNORECASE)
QUOTED_HEADING = re.compile(r"#+ [“\"][^”\"]*[”\"] *(\{[^}]*\})?$")  # a claim that the text below refutes
IN_QUOTES = re.compile(r"“[^”]*”|\"[^\"\n]*\"")
NOT_READ = re.compile(
    r"`[^`\n]*`|\$\$.*?\$\$|(?<![\\$])\$(?=[^\s$])[^$\n]*?(?<=\S)\$(?!\d)"
    r"|<!--.*?-->|</?\w[^>\n]*>|\]\([^)\n]*\)|\{\s*[#.:][^}\n]*\}",
    re.DOTALL,
)
NOT_CHECKED = ("docs/contributing/",)  # how to write, with examples
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[A-Z“\"(*<0-9])")


@dataclass(frozen=True)
class Figure:
    """A number with its unit as it stands in prose."""

    text: str
    value: float  # in the unit's base
    dimension: str
    digits: int  # significant digits as written

    def restates(self, other: Figure) -> bool:
        """Whether `other`, rounded to the digits written here, is this figure."""
        if self.dimension != other.dimension:
            return False
        # "about 40" for 39.6 is 2.5 % at most; GB for GiB is 7 %, and wrong
        return float(f"{other.value:.{self.digits}g}") == self.value or abs(self.value - other.value) <= 0.025 * abs(other.value)


def figures(text: str) -> list[tuple[int, Figure]]:
    """Each figure with a unit in `text`, with its offset."""
    found = []
    for match in FIGURE.finditer(text):
        unit = "$" if match["dollar"] else match["unit"]
        if unit is None:
            continue
        bare = re.sub(r"[,\u202f ]", "", match["number"])
        power = re.search(r"10\^?(\d+)$", (match["power"] or "").translate(SUPERSCRIPT))
        scale = SCALES.get(match["scale"], 1) * (10.0 ** int(power[1]) if power else 1)
        value = float(bare) * scale * UNITS.get(match["unit"], 1)
        digits = max(2, len(bare.replace(".", "").lstrip("0")) if "." in bare else len(bare.strip("0")))
        dimension = "$" if unit == "$" else DIMENSION[unit]
        found.append((match.start(), Figure(match[0].strip(), value, dimension, digits)))
    return found


def blocks(page: Page) -> Iterable[tuple[int, str, bool]]:
    """Paragraphs, list items and tables: first line (in the file), text, whether figures there may be wrong."""
    start, held, wrong, in_wrong = 0, [], False, False

    def done():
        return (page.body_line + start, "\n".join(held), wrong)

    previous = -1
    for number, line in prose.outside_fences(page.body):
        bare = line.strip()
        fresh_item = re.match(r"\s*([-*+]|\d+[.)])\s", line) or bare.startswith(("#", "///", ": "))
        if held and (not bare or fresh_item or number != previous + 1):
            yield done()
            held = []
        previous = number
        if bare.startswith("///"):  # a title: a follow-up's sets its own assumption
            in_wrong = bool(WRONG_ON_PURPOSE.match(bare))
        if not bare or bare.startswith("///"):
            continue
        if not held:
            start, wrong = number, in_wrong
        held.append(line)
    if held:
        yield done()


def unexplained(page: Page, computed: Iterable[str], names: re.Pattern | None = None, recorded: str = "") -> list[Problem]:
    """Figures of `page` that nobody computed, cited or marked given.

    computed: what the page's macros show ("40 GiB", "8.03 B"); names: model names, which are no figures;
    recorded: the recordings that the page shows, where units stand in the heads of columns.
    """
    known = [figure for text in computed for _, figure in figures(text)]
    inputs = {float(number) for macro in MACRO.findall(page.body) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", macro)}
    quotable = set(re.findall(NUMBER, recorded))
    problems = []
    for line, text, wrong in blocks(page):
        if wrong or "{given}" in text or (is_table(text) and "cite(" in text) or QUOTED_HEADING.match(text):
            continue
        text = drop_no_hire(text) if is_table(text) else text
        # macros go first: what they hold is computed, but a citation must still be seen
        masked = MACRO.sub(lambda m: blank(m[0], keep="§" if "cite(" in m[0] else ""), text)
        masked = NOT_READ.sub(lambda m: blank(m[0]), masked)
        if names is not None:
            masked = names.sub(lambda m: blank(m[0]), masked)
        for offset, sentence in sentences(masked):
            if "§" in sentence:
                continue
            for position, figure in figures(sentence):
                before = sentence[:position]
                if is_tolerance(before, figure) or is_width(figure) or figure.value in inputs:
                    continue
                if any(figure.restates(other) for other in known) or re.search(NUMBER, figure.text)[0] in quotable:
                    continue
                if in_wrong_quote(text, offset + position):
                    continue
                at = line + masked[: offset + position].count("\n")
                problems.append(
                    Problem(page.name, at, f"nobody computed or cited {figure.text!r}",
                            "use value(), calc(), field() or lab(), cite a source in the sentence, or mark it {given}")
                )  # fmt: skip
    return problems


def sentences(text: str) -> Iterable[tuple[int, str]]:
    """Sentences with their offset; each row of a table counts as one."""
    start = 0
    ends = [m.end() for m in re.finditer(r"\n", text)] if is_table(text) else [m.end() for m in SENTENCE_END.finditer(text)]
    for end in [*ends, len(text)]:
        if text[start:end].strip():
            yield start, text[start:end]
        start = end


def is_table(text: str) -> bool:
    return text.lstrip().startswith("|")


def drop_no_hire(text: str) -> str:
    """A rubric without its last column, which tells what is wrong."""
    rows = text.split("\n")
    if not re.search(r"\|\s*no hire\s*\|?\s*$", rows[0]):
        return text
    return "\n".join(re.sub(r"\|([^|]*)\|?\s*$", lambda m: "|" + " " * (len(m[0]) - 1), row) for row in rows)


def is_tolerance(before: str, figure: Figure) -> bool:
    """A margin a grader allows ("within 10 %", "to 5 %") and a share of nothing measured (100 %) are no claims."""
    return figure.dimension == "%" and (
        bool(re.search(r"\b(within|to within|±|plus or minus)\s*$", before)) or figure.value in (0, 100)
    )


def is_width(figure: Figure) -> bool:
    """Bytes of one element in a number format ("elements of 2 bytes", "× 2 B")."""
    return bool(re.fullmatch(r"[1248]\s(bytes?|B)", figure.text))


def in_wrong_quote(text: str, position: int) -> bool:
    """Whether the figure stands in a quoted claim that the sentence goes on to refute."""
    return any(
        match.start() <= position < match.end() and re.match(r"[\s*_]*(is wrong|no[.:,]|wrong|:)", text[match.end():], re.IGNORECASE)
        for match in IN_QUOTES.finditer(text)
    )  # fmt: skip


def blank(text: str, keep: str = "") -> str:
    """Spaces of the same length and lines, so that offsets hold; `keep` marks a citation."""
    spaces = re.sub(r"[^\n]", " ", text)
    return keep + spaces[len(keep):]


def model_names(handbook: Handbook) -> re.Pattern:
    """Names that hold a size: "Llama 3.1 70B", "Mixtral 8x7B", and a class of models ("a 7B model")."""
    names = {record.name for record in handbook.models.values()} | {record.name for record in handbook.hardware.values()}
    spelled = {re.sub(r"[-\s]+", "[-\\\\s]", re.escape(name).replace(r"\ ", " ").replace(r"\-", "-")) for name in names}
    size = r"\d+(?:\.\d+)?[BM]"
    classes = rf"(?:[\w.]*[A-Za-z][\w.]*[-\s]){{1,2}}(?:\d+[x×])?{size}(?:-A{size})?\b(?!\s*(?:tokens|parameters))|\b{size}(?=[-\s](?:model|class|dense|base|draft|decoder|MHA|GQA))"
    return re.compile("|".join([*sorted(spelled, key=len, reverse=True), classes]))


def shown(handbook: Handbook, page: Page) -> list[str]:
    """What the page's macros show and compute on the way, as text: the sum behind a number counts too."""
    from hooks import macros
    from hooks.building import Building, Site, folder_of

    site, building = Site(handbook), Building(page.name, handbook.root, folder_of(page.name, handbook.root))
    texts = []
    for call in prose.calls(page.body, page.body_line)[0]:
        if call.literal and call.name in ("value", "calc", "field", "lab"):
            try:
                made = building.restore(macros.MACROS[call.name](site, building, *call.args, **call.kwargs))
                texts.append(html.unescape(re.sub(r"<[^>]+>", " ", made)))
            except Exception:  # another check names what is wrong with the call
                continue
    return texts


def recordings(handbook: Handbook, page: Page) -> str:
    from hooks.building import folder_of

    files = [str(call.args[0]) for call in prose.calls(page.body, page.body_line)[0] if call.literal and call.name == "recorded" and call.args]
    paths = [folder_of(page.name, handbook.root) / file for file in files if file.endswith(".txt")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())


def check(handbook: Handbook) -> Iterator[Problem]:
    """Figures on the pages of `handbook` that nobody computed, cited or marked given."""
    names = model_names(handbook)
    for page in handbook.texts.values():
        if not page.name.startswith(NOT_CHECKED):
            yield from memory.problems(
                handbook, "figures", page, lambda page=page: unexplained(page, shown(handbook, page), names, recordings(handbook, page))
            )
