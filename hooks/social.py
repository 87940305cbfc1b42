"""The picture that a link to a page shows where it is shared: 1200 x 630, drawn in the build, without a network.

Title, section and mark in the site's own face. A picture is named by what it shows and kept in .cache/social, so that a
warm build copies it. Sixteen shades are enough for letters on paper, and keep a file at a few kilobytes.
"""

from __future__ import annotations

import hashlib
import io
from functools import cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from PIL import Image, ImageDraw, ImageFont

from hooks.cache import kept, key
from hooks.fonts import CORE, KATEX, SERIF, present

VERSION = "1"  # raise it when a picture of the same words comes out different
FOLDER = "assets/social"
SIZE = (1200, 630)
MARGIN = 84
SIZES = (84, 76, 68, 60, 54, 48, 42)  # of the title: the first at which it fits
LINES = 4
LEADING = 1.16
INK, PAPER, ACCENT = (0x18, 0x20, 0x1D), (0xFF, 0xFF, 0xFF), (0x0B, 0x6B, 0x4B)
SHADES = 15  # from ink to paper; the sixteenth colour is the accent
SOFT = 78  # grey of secondary words
MARK = ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2), (0, 3), (1, 3), (2, 3), (3, 3))  # column, row: a causal mask


def name_of(title: str, section: str) -> str:
    """The file's path under the site, known before it is drawn."""
    digest = hashlib.sha256("\0".join((VERSION, title, section)).encode()).hexdigest()
    return f"{FOLDER}/{digest[:12]}.png"


def write(root: Path, site: Path, cards: dict[str, tuple[str, str]]) -> None:
    """Every card (path: title, section) into the built site; new ones are drawn."""
    (site / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, (title, section) in sorted(cards.items()):
        cached = root / ".cache/social" / Path(name).name
        (site / name).write_bytes(kept(cached, lambda title=title, section=section: draw(root, title, section)))


def draw(root: Path, title: str, section: str) -> bytes:
    grey = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(grey)
    words = Words(root, pen)
    size, lines = fitted(title, lambda text, size: words.width(text, size, True))
    words.put((MARGIN + 88, MARGIN + 33), "Strong Hire", 34, True)
    height = len(lines) * size * LEADING
    top = max(214, 366 - height / 2)
    if section:
        words.put((MARGIN, top - 12), shortened(section, lambda text: words.width(text, 32, False)), 32, False, SOFT)
    for number, line in enumerate(lines):
        words.put((MARGIN, top + size * (1.0 + LEADING * number)), line, size, True)
    words.put((MARGIN, SIZE[1] - 62), "The open handbook for LLM interviews", 28, False, SOFT)
    shades = grey.point([value * (SHADES - 1) // 255 for value in range(256)])
    picture = Image.frombytes("P", SIZE, shades.tobytes())
    ramp = [tuple(ink + (paper - ink) * step // (SHADES - 1) for ink, paper in zip(INK, PAPER, strict=True)) for step in range(SHADES)]
    picture.putpalette([part for colour in (*ramp, ACCENT) for part in colour])
    _mark(ImageDraw.Draw(picture))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", bits=4, compress_level=6)
    return buffer.getvalue()


def _mark(pen: ImageDraw.ImageDraw) -> None:
    for column, row in MARK:
        left, top = MARGIN + column * 16, MARGIN - 9 + row * 16
        pen.rectangle((left, top, left + 11, top + 11), fill=SHADES if (column, row) == (3, 3) else 0)


def fitted(title: str, width) -> tuple[int, list[str]]:
    """The largest size at which the title fits, and its lines; the smallest ends with an ellipsis."""
    room = SIZE[0] - 2 * MARGIN
    for size in SIZES:
        lines = wrapped(title, lambda text, size=size: width(text, size), room)
        if len(lines) <= LINES and all(width(line, size) <= room for line in lines):
            return size, lines
    lines = lines[:LINES]
    lines[-1] = shortened(lines[-1] + " …", lambda text: width(text, size), room)
    return size, [shortened(line, lambda text: width(text, size), room) for line in lines]


def wrapped(text: str, width, room: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def shortened(text: str, width, room: float = SIZE[0] - 2 * MARGIN) -> str:
    if width(text) <= room:
        return text
    while text and width(text + "…") > room:
        text = text[:-1].rstrip(" …")
    return text + "…"


# ---- letters ------------------------------------------------------------------------------------------------


class Words:
    """Puts words on a picture, each letter in the first face that has it."""

    def __init__(self, root: Path, pen: ImageDraw.ImageDraw) -> None:
        self.root, self.pen = root, pen

    def put(self, at: tuple[float, float], text: str, size: int, bold: bool, grey: int = 0) -> None:
        """`at` is the left end of the base line."""
        left, base = at
        for face, run in self.runs(text, size, bold):
            self.pen.text((left, base), run, font=face, fill=grey, anchor="ls")
            left += face.getlength(run)

    def width(self, text: str, size: int, bold: bool) -> float:
        return sum(advance(self.root, letter, size, bold) for letter in text)

    def runs(self, text: str, size: int, bold: bool) -> list[tuple[ImageFont.FreeTypeFont, str]]:
        found: list[tuple[ImageFont.FreeTypeFont, str]] = []
        for letter in text:
            face = face_of(self.root, letter, size, bold)
            if found and found[-1][0] is face:
                found[-1] = (face, found[-1][1] + letter)
            else:
                found.append((face, letter))
        return found


@cache
def face_of(root: Path, letter: str, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    known = faces(root, bold)
    return sized(next((path for path, has in known if ord(letter) in has), known[0][0]), size)


@cache  # letters stand at whole advances: there is no kerning without a layout engine, and so nothing else to add up
def advance(root: Path, letter: str, size: int, bold: bool) -> float:
    return face_of(root, letter, size, bold).getlength(letter)


@cache
def sized(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def faces(root: Path, bold: bool) -> tuple[tuple[Path, frozenset[int]], ...]:
    """Fonts that FreeType reads, best first, each with the letters that it has."""
    files = [_converted(root, root / SERIF.format("latin", "normal"), (("opsz", 36.0), ("wght", 650.0 if bold else 400.0)))]
    signs = ("Main-Bold" if bold else "Main-Regular", "Main-Regular", "AMS-Regular", "Math-Italic")
    files += [_converted(root, root / KATEX / f"fonts/KaTeX_{name}.woff2", ()) for name in signs]
    return tuple((file, frozenset(TTFont(file, lazy=True).getBestCmap())) for file in files)


def _converted(root: Path, source: Path, axes: tuple[tuple[str, float], ...]) -> Path:
    """The font unpacked; a variable one cut to the site's core of letters and fixed at these axes."""
    cached = root / ".cache/social" / f"{key(present(source).read_bytes(), repr(axes).encode())}.ttf"

    def unpacked() -> bytes:
        font = TTFont(source, recalcTimestamp=False)
        if axes:
            cutter = subset.Subsetter(subset.Options(layout_features=[], hinting=False, notdef_outline=True))
            cutter.populate(unicodes=map(ord, CORE))
            cutter.subset(font)
            font = instancer.instantiateVariableFont(font, dict(axes), inplace=True)
        font.flavor = None
        buffer = io.BytesIO()
        font.save(buffer)
        return buffer.getvalue()

    kept(cached, unpacked)
    return cached
