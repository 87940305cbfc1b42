"""The fonts of the site, cut down to what its pages use, with fonts.css and katex.css.

A face has a fixed core (ASCII, quotation marks, dashes, a few signs); whatever else a page contains goes into small extra
files that a browser fetches only where such a character stands. So nobody keeps a list of characters.
"""

from __future__ import annotations

import html
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from hooks.cache import kept, key

VERSION = "6"  # part of every cache key: raise it when this module writes something different from the same input
SERIF = "node_modules/@fontsource-variable/source-serif-4/files/source-serif-4-{}-standard-{}.woff2"
CODE = "node_modules/@fontsource-variable/source-code-pro/files/source-code-pro-{}-wght-{}.woff2"
KATEX = "node_modules/katex/dist/"
# the packages split the alphabet into files; the core comes from the first, and all are dipped into as needed
ALPHABETS = ("latin", "latin-ext", "greek", "cyrillic", "vietnamese", "cyrillic-ext")
CORE = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("\u00a0–—‘’“”…−×·±½²³°äéöü")
FEATURES = ["kern", "liga", "mark", "ccmp", "locl", "tnum"]
# Adobe reserves the font name "Source", and a subset is a modified version: so the files carry another name.
# The licence itself lies beside them (LICENCES.txt), as it allows; each file keeps its copyright line.
NAME_COPYRIGHT, NAME_FAMILY = 0, 1


@dataclass(frozen=True)
class Face:
    """One @font-face family cut from a source font; `axes` fixes or narrows the axes of a variable font."""

    file: str
    family: str
    source: str
    kind: str
    weight: str
    style: str
    axes: tuple[tuple[str, float | tuple[float, float]], ...]


FACES = (
    Face("sh-text", "SH Text", SERIF, "normal", "400 700", "normal", (("opsz", 16.0), ("wght", (400.0, 700.0)))),
    Face("sh-text-italic", "SH Text", SERIF, "italic", "400", "italic", (("opsz", 14.0), ("wght", 400.0))),
    Face("sh-code", "SH Code", CODE, "normal", "400", "normal", (("wght", 400.0),)),  # keywords are coloured; bold is the browser's
    # Sheets are print: a narrower optical size than 9 points would take, since columns are narrow; and static, since
    # Chromium writes variable fonts into a PDF as Type 3 outlines.
    Face("sh-sheet", "SH Sheet", SERIF, "normal", "400", "normal", (("opsz", 14.0), ("wght", 400.0))),
    Face("sh-sheet-bold", "SH Sheet", SERIF, "normal", "600 700", "normal", (("opsz", 14.0), ("wght", 650.0))),
    Face("sh-sheet-italic", "SH Sheet", SERIF, "italic", "400", "italic", (("opsz", 14.0), ("wght", 400.0))),
)
# Signs that the text face lacks (√ ≈ ≥ →) come from the first of these that has them, one weight for all.
SIGNS = ("KaTeX_Main-Regular", "KaTeX_AMS-Regular", "KaTeX_Math-Italic", "KaTeX_Size1-Regular")
# Brackets of every height and the pieces that tall ones are built of: a careless subset makes \Big[ come out small.
SIZES = ("Size1", "Size2", "Size3", "Size4")
BRACKETS = frozenset("()[]{}/\\|⟨⟩√∑∏∣∥") | frozenset(map(chr, (*range(0x2308, 0x230C), *range(0x239B, 0x23B4))))

# Until our fonts arrive, local ones stand in for them at the same width: mean advance of SAMPLE, in em.
STAND_INS = (
    ("SH Text", "sh-text", "normal", "400"),
    ("SH Text", "sh-text", "normal", "600 700"),
    ("SH Text", "sh-text-italic", "italic", "400"),
    ("SH Sheet", "sh-sheet", "normal", "400"),
    ("SH Sheet", "sh-sheet-bold", "normal", "600 700"),
)
SAMPLE = "  the quick brown fox jumps over the lazy dog, and one token attends to every earlier one. "
LOCAL = {
    ("normal", "400"): ("", {"Georgia": 0.436, "Times New Roman": 0.397, "Liberation Serif": 0.397}),
    ("normal", "600 700"): (" Bold", {"Georgia": 0.462, "Times New Roman": 0.422, "Liberation Serif": 0.422}),
    ("italic", "400"): (" Italic", {"Georgia": 0.434, "Times New Roman": 0.396, "Liberation Serif": 0.396}),
}

# Letters of a formula that stand in a face of their own, by the class that KaTeX gives them; the rest is Main or Math.
_LEAF = re.compile(r'<span class="([^"]*\b(?:math(?!normal|rm)|text(?!rm)|ams|boldsymbol)[^"]*)"[^>]*>([^<]+)<')
_IN_FORMULA = re.compile(r'<span class="m(?:ord|bin|rel|op|open|close|punct|inner)[^"]*"[^>]*>([^<]+)<')
_MATHML = re.compile(r"<math\b.*?</math>", re.DOTALL)  # for screen readers: set in no font of ours
_ENTITY = re.compile(r"&#?\w+;")
_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")


@dataclass
class Characters:
    """What the pages show: all characters, each with a page; those of formulas; those in a face of their own (bold, ℝ)."""

    all: dict[str, Path] = field(default_factory=dict)
    formula: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)

    def read(self, file: Path) -> None:
        text = _MATHML.sub("", file.read_text(encoding="utf-8"))
        for character in set(text) | set(html.unescape("".join(set(_ENTITY.findall(text))))):
            self.all.setdefault(character, file)
        self.formula.update(*map(html.unescape, _IN_FORMULA.findall(text)))
        self.apart.update(*(html.unescape(letters) for _, letters in _LEAF.findall(text)))

    def lacking(self, covered: set[str]) -> list[tuple[Path, str]]:
        """Letters and signs that no font of ours can draw, and a page of each. Pictures (␣, an emoji in a listing) are left
        to the reader's system; blanks and marks need no glyph."""
        without = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "So"}
        return [(self.all[c], c) for c in sorted(set(self.all) - covered) if unicodedata.category(c) not in without]


def write(root: Path, site: Path, shown: Characters) -> set[str]:
    """Write the subset fonts, fonts.css and katex.css; return the characters that some text font covers."""
    used = set(shown.all)
    out = site / "assets/fonts"
    out.mkdir(parents=True, exist_ok=True)
    rules: list[str] = []
    covered: set[str] = set()
    for face in FACES:
        written, has = _face(root, out, face, used)
        rules += written
        if face.file == "sh-text":
            covered |= has
    for stem in SIGNS:
        signs = {c for c in used - covered if ord(c) in _cmap(root / KATEX / f"fonts/{stem}.woff2")}
        covered |= signs
        if signs:
            name = f"{stem}.signs" if stem != "KaTeX_Main-Regular" else stem
            if name != stem:  # Main is shared with the formulas, so that a page with both loads it once
                _write(root, out / f"{name}.woff2", root / KATEX / f"fonts/{stem}.woff2", signs, (), None)
            rules.append(_rule("SH Signs", name, "400 700", "normal", signs))
    (out / "fonts.css").write_text("\n".join([*rules, *_stand_ins(out)]) + "\n", encoding="utf-8")
    _katex(root, site, {*shown.formula, *(c for c in used if ord(c) > 0x7E)}, shown.apart)
    _licences(root, out / "LICENCES.txt")
    return covered


def _face(root: Path, out: Path, face: Face, used: set[str]) -> tuple[list[str], set[str]]:
    """One face: its core, then a small file for each alphabet that the pages dip into."""
    rules: list[str] = []
    covered: set[str] = set()
    for name, alphabet in [(face.file, "latin"), *((f"{face.file}-{a}", a) for a in ALPHABETS)]:
        source = root / face.source.format(alphabet, face.kind)
        has = {chr(code) for code in _cmap(source)}
        wanted = has & CORE if name == face.file else has & used - covered
        if wanted:
            _write(root, out / f"{name}.woff2", source, wanted, face.axes, face.family)
            rules.append(_rule(face.family, name, face.weight, face.style, wanted))
            covered |= wanted
    return rules, covered


def _stand_ins(out: Path) -> Iterable[str]:
    """Local fonts scaled to the width and the line of ours, so that nothing moves when ours arrive."""
    for ours, file, style, weight in STAND_INS:
        font = TTFont(out / f"{file}.woff2", lazy=True)
        units, line, glyphs, advances = font["head"].unitsPerEm, font["hhea"], font.getBestCmap(), font["hmtx"]
        mean = sum(advances[glyphs[ord(letter)]][0] for letter in SAMPLE) / len(SAMPLE) / units
        suffix, locals_ = LOCAL[style, weight]
        for name, theirs in locals_.items():
            scale = mean / theirs
            yield (
                f'@font-face{{font-family:"{ours} stand-in {name.split()[0]}";font-style:{style};font-weight:{weight};'
                f'src:local("{name}{suffix}");size-adjust:{scale:.1%};ascent-override:{line.ascent / units / scale:.1%};'
                f"descent-override:{-line.descent / units / scale:.1%};line-gap-override:0%}}"
            )


def _katex(root: Path, site: Path, formula: set[str], apart: set[str]) -> None:
    """KaTeX's stylesheet with one woff2 a face, each face cut to the characters in use."""
    css = (root / KATEX / "katex.min.css").read_text(encoding="utf-8")
    out = site / "assets/fonts"

    def face(match: re.Match[str]) -> str:
        found = re.search(r"url\(fonts/((KaTeX_\w+)-(\w+))\.woff2\)", match.group())
        assert found, match.group()
        stem, family, _ = found.groups()
        source = root / KATEX / f"fonts/{stem}.woff2"
        has = {chr(code) for code in _cmap(source)}
        if family.removeprefix("KaTeX_") in SIZES:
            wanted = has & (formula | BRACKETS | _private(has))
        elif stem in ("KaTeX_Main-Regular", "KaTeX_Math-Italic"):
            wanted = has & formula
        else:
            wanted = has & apart
        if not wanted:
            return ""
        _write(root, out / f"{stem}.woff2", source, wanted, (), None)
        rule = re.sub(r"src:[^}]*", f'src:url(../fonts/{stem}.woff2) format("woff2")', match.group())
        return rule.replace("font-display:block", "font-display:swap")

    target = site / "assets/stylesheets/katex.css"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_FONT_FACE.sub(face, css), encoding="utf-8")


def _private(characters: set[str]) -> set[str]:
    """KaTeX keeps a few pieces in the private area."""
    return {character for character in characters if unicodedata.category(character) == "Co"}


def _rule(family: str, name: str, weight: str, style: str, wanted: Iterable[str]) -> str:
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{style};font-display:swap;'
        f'src:url({name}.woff2) format("woff2");unicode-range:{_ranges(wanted)}}}'
    )


def _ranges(wanted: Iterable[str]) -> str:
    """CSS unicode-range of a set of characters: U+20-7E,U+A0."""
    codes = sorted(map(ord, wanted))
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def _cmap(source: Path) -> frozenset[int]:
    if source not in _CMAPS:
        _CMAPS[source] = frozenset(TTFont(present(source), lazy=True).getBestCmap())
    return _CMAPS[source]


_CMAPS: dict[Path, frozenset[int]] = {}


def present(source: Path) -> Path:
    if not source.is_file():
        raise FileNotFoundError(f"{source}: not installed; run `make site` or `npm ci --ignore-scripts` first")
    return source


def _write(root: Path, target: Path, source: Path, wanted: Iterable[str], axes: tuple, family: str | None) -> None:
    text = "".join(sorted(wanted))
    parts = (VERSION.encode(), present(source).read_bytes(), text.encode(), json.dumps(axes).encode(), str(family).encode())
    cached = root / ".cache/assets" / f"{key(*parts)}.woff2"
    target.write_bytes(kept(cached, lambda: _subset(source, text, axes, family)))


def _subset(source: Path, text: str, axes: tuple, family: str | None) -> bytes:
    font = TTFont(source, recalcTimestamp=False)
    features = FEATURES if family else []  # KaTeX places each letter itself
    options = subset.Options(layout_features=features, flavor="woff2", name_IDs=[0, 1, 2, 3, 4, 6])
    options.hinting = False
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    if axes:
        font = instancer.instantiateVariableFont(font, dict(axes), inplace=True)
    if family:
        for record in list(font["name"].names):
            if record.nameID == NAME_FAMILY:
                record.string = family
            elif record.nameID in (3, 4):
                record.string = f"{family} {Path(source).stem.rsplit('-', 1)[-1]}"
            elif record.nameID == 6:
                record.string = family.replace(" ", "")
            elif record.nameID not in (NAME_COPYRIGHT, 2):
                font["name"].names.remove(record)
    font.flavor = "woff2"
    buffer = io.BytesIO()
    font.save(buffer, reorderTables=False)
    return buffer.getvalue()


def _licences(root: Path, target: Path) -> None:
    """The licence of the fonts with each font's own copyright line, beside the fonts."""
    lines = ["The fonts in this folder are subsets, renamed where the licence reserves a name:"]
    for label, source in (
        ("SH Text and SH Sheet, from Source Serif 4", root / SERIF.format("latin", "normal")),
        ("SH Code, from Source Code Pro", root / CODE.format("latin", "normal")),
        ("KaTeX_*", root / KATEX / "fonts/KaTeX_Main-Regular.woff2"),
    ):
        notice = str(TTFont(present(source), lazy=True)["name"].getDebugName(NAME_COPYRIGHT)).strip()
        lines += ["", f"{label}:", *(f"  {line.strip()}" for line in notice.splitlines())]
    licence = (root / "node_modules/@fontsource-variable/source-serif-4/LICENSE").read_text(encoding="utf-8")
    start = licence.index("-----------------------------------------------------------")
    katex = (root / "node_modules/katex/LICENSE").read_text(encoding="utf-8")
    lines += ["", "All under the SIL Open Font License 1.1, which follows.", "", licence[start:].strip()]
    lines += ["", "../stylesheets/katex.css is KaTeX's stylesheet:", "", katex.strip(), ""]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines), encoding="utf-8")
