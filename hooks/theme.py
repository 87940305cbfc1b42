"""The theme's own files, on their way into the site: what this site has none of is left out.

The theme (mkdocs-material, pinned) brings a stylesheet for far more than we show, and a script that loads the whole
search index on every first view. Each change is made to the copy in the built site; where the theme no longer says what
we expect, the build stops.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

_PALETTE_LINK = re.compile(r'\s*<link rel="stylesheet" href="[^"]*stylesheets/palette\.\w+\.min\.css">')
_NAMESPACE = re.compile(r'(<svg\b[^>]*?) xmlns="[^"]*"')  # HTML knows it
_PLAIN_TOKEN = re.compile(r'<span class="(?:n|p|o|w|pi)">([^<]*)</span>')  # what has no colour of its own in a listing
_LANGUAGE = re.compile(r'<div class="language-[\w+-]+ highlight">')  # the twins have taken it by now
_SEARCHED = re.compile(r' data-search-exclude(?:="[^"]*")?')  # search has read the page by now
_INDENT = re.compile(r"(<(pre|script|textarea)\b.*?</\2>)|>\s*\n\s*<", re.S)  # of templates; a line end is as good
_NEEDED_BY = {  # style sheets for some pages only, by what needs them; all others stand on every page
    "calculator": re.compile(r"<sh-(?:calculator|drill|hunt|planner|assessment)\b|class=\"(?:refuted|hunt-)"),
    "katex": re.compile(r'class="(?:arithmatex|katex)|<sh-review\b'),  # there a script brings the formulas
    "plan": re.compile(r"<sh-(?:planner|assessment)\b"),
    "progress": re.compile(r"<sh-(?:progress|offline)\b"),
    "review": re.compile(r"<sh-review\b"),
}
_TABLE = re.compile(r"<table>.*?</table>", re.S)  # a classless table; it may be wider than the page
_IN_TABLE = re.compile(r"table:not\(\[class\]\)(?= t[dh]>:)")  # with it, any class that changes above styles everything below anew
_TEXT_FONT = re.compile(r'<link rel="preload" href="[^"]*/sh-text.woff2"[^>]*>')
_FORMULA = re.compile(r'class="(?:katex|arithmatex)"')
_FORMULA_FONTS = ("KaTeX_Main-Regular", "KaTeX_Math-Italic")  # both in any ten formulas
_NUMBER_STOP = re.compile(r'(<button class="num"[^>]*>[^<]{1,32}</button>[.,;:!?)%]+)')  # a browser breaks a line after a button
_EMPTY_HEAD = re.compile(r"<th(\b[^>]*)></th>")  # a column without a name has no heading


def trim(page: str) -> str:
    """A page without what it has no use for, and with three slips of templates and Markdown mended; its formulas may still be TeX.

    Its tables stand in boxes that scroll, a number keeps the stop or comma behind it in its line, and fonts of many formulas are fetched before
    the first of them is laid out.
    """
    head, end, body = page.partition("</head>")  # links stand nowhere else, and a page is thirty times as long
    head = _PALETTE_LINK.sub("", head)  # tokens.css sets every colour in it
    for sheet, needed in _NEEDED_BY.items():
        if not needed.search(page):
            head = re.sub(rf'\s*<link rel="(?:stylesheet|preload)" href="[^"]*/{sheet}(?:\.css|_[\w-]+\.woff2)"[^>]*>', "", head, flags=re.I)
    if len(_FORMULA.findall(body.partition("<details")[0])) >= 10:  # in the open, or the browser would miss their use
        head = _TEXT_FONT.sub(lambda link: "".join(link[0].replace("sh-text", font) for font in ("sh-text", *_FORMULA_FONTS)), head)
    page = head + end + body
    page = _NAMESPACE.sub(r"\1", _PLAIN_TOKEN.sub(r"\1", _SEARCHED.sub("", page)))
    page = _LANGUAGE.sub('<div class="highlight">', page)
    page = _INDENT.sub(lambda match: match[1] or ">\n<", page)
    page = _NUMBER_STOP.sub(r'<span class="stop">\1</span>', page)
    page = _TABLE.sub(r'<div class="md-typeset__scrollwrap"><div class="md-typeset__table">\g<0></div></div>', page)
    if 'id="__toc"' not in page:  # a page outside the menu has no such box to label
        page = page.replace(' for="__toc"', "")
    return _EMPTY_HEAD.sub(r"<td\1></td>", page).replace(' tabindex=""', "")


def slim(site: Path) -> None:
    """Stylesheets and the theme's script in the built site, made smaller and more patient."""
    for sheet in (site / "assets/stylesheets").glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        sheet.write_text(lean(text) if sheet.name.startswith("main.") else bare(text), encoding="utf-8")
    for bundle in (site / "assets/javascripts").glob("bundle.*.min.js"):
        bundle.write_text(patient(bundle.read_text(encoding="utf-8")), encoding="utf-8")


# ---- stylesheets --------------------------------------------------------------------------------------------

# What this site has none of: right-to-left text, admonitions, tabs, blogs, versions, tags, diagrams, and icons as images
# (site.css draws those it shows). Half of the theme's stylesheet, on every first view.
UNUSED = re.compile(
    r"\[dir=rtl\]|::-webkit-scrollbar|\.(?:admonition|tabbed-|task-list|mermaid|mjx-|critic|linenodiv|highlighttable|twemoji|emojione|gemoji|grid|md-"
    r"(?:annotation|author|banner|button|consent|feedback|input|meta|pagination|path|post|progress|profile|select|social|source|status|tags?|"
    r"tooltip2|version)(?![a-z]))|\.md-(?:content|sidebar)--post|\.md-nav--integrated|\.md-header__source|\.md-nav__source|\.md-typeset \.keys"
    r"|\.md-typeset (?:details)?\.(?:note|abstract|info|tip|success|question|warning|failure|danger|bug|example|quote)\b|#(?:only|gh)-"
)
_ICON_VALUE = re.compile(r'--md-[\w-]*icon[\w-]*:url\((?:"[^"]*"|[^)]*)\);?|-webkit-mask(?:-[a-z]+)?:[^;}]*;?|/\*.*?\*/', re.S)
_STRING = re.compile(r'"[^"]*"|\'[^\']*\'')


def lean(css: str) -> str:
    """A stylesheet without the rules that only concern what the site has none of."""
    css = _IN_TABLE.sub(".md-typeset__table>table", _ICON_VALUE.sub("", css))
    return _mapped(css, lambda part: not UNUSED.search(part))


_IN_CLASS = re.compile(r'class="([^"]*)"')
_WORD = re.compile(r"[A-Za-z_][\w-]*")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_INSIDE = re.compile(r":(?:is|where|not|has)\((?:[^()]|\([^()]*\))*\)")  # one name in there is enough, or too much


def used(site: Path) -> None:
    """The theme's and KaTeX's stylesheets without rules for classes that no page has and no script names."""
    names: set[str] = set()
    for page in site.rglob("*.html"):
        names.update(*map(str.split, set(_IN_CLASS.findall(page.read_text(encoding="utf-8")))))
    for script in site.rglob("assets/**/*.js"):
        names.update(_WORD.findall(script.read_text(encoding="utf-8")))
    for sheet in [*site.glob("assets/stylesheets/main.*.css"), *site.glob("assets/stylesheets/katex.css")]:
        sheet.write_text(without(sheet.read_text(encoding="utf-8"), names), encoding="utf-8")


def without(css: str, names: set[str]) -> str:
    """A stylesheet without the rules that need a class which is not one of these."""
    return _mapped(css, lambda part: names.issuperset(_CLASS.findall(_INSIDE.sub("", part))))


def _mapped(css: str, keep: Callable[[str], bool]) -> str:
    """The rules of a stylesheet whose selectors are kept; punctuation in strings does not count."""
    text = _STRING.sub(lambda match: match[0].replace("{", "\0").replace("}", "\1").replace(",", "\2"), css)
    return _rules(text, keep).translate({0: "{", 1: "}", 2: ","})


def _rules(css: str, keep: Callable[[str], bool]) -> str:
    kept, place = [], 0
    while (start := css.find("{", place)) != -1:
        head = css[place:start]
        *statements, head = head.split(";")  # @charset
        kept += [statement + ";" for statement in statements]
        depth, end = 1, start + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        body, place = css[start + 1 : end - 1], end
        if head.lstrip().startswith(("@media", "@supports", "@layer", "@container")):
            body = _rules(body, keep)
        elif not head.lstrip().startswith("@"):
            head = ",".join(part for part in _selectors(head) if keep(part))
        if head.strip() and body.strip():
            kept.append(f"{head}{{{body}}}")
    return "".join(kept) + css[place:]


def _selectors(head: str) -> list[str]:
    """Split at commas, but not inside :is(a, b)."""
    parts, depth = [""], 0
    for character in head:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


_QUOTED = re.compile(r"(\"[^\"]*\"|'[^']*')")


def bare(css: str) -> str:
    """Our own stylesheet without its comments, line ends and indentation."""
    parts = _QUOTED.split(re.sub(r"\s*/\*.*?\*/", "", css, flags=re.S))
    for place in range(0, len(parts), 2):
        text = re.sub(r"\s*([{};])\s*", r"\1", parts[place]).replace(";}", "}")
        parts[place] = re.sub(r"(?<=[\w-]):\s+", ":", re.sub(r",\s+", ",", text))
    return "".join(parts).strip()


# ---- the script ---------------------------------------------------------------------------------------------

_DIAGRAMS = re.compile(r'"\.node circle,[^"]*"')  # the style sheet of diagrams, a tenth of the script; there are none

# what the script says: what it says afterwards. The names are those of mkdocs-material 9.8.1's bundle.
PATIENCE = {
    # load the index at once, unless this is a file: when the search is opened
    'L($(location.protocol!=="file:"),Je("search"))': 'L(Je("search"))',
    # marking the words of a search waits for the index: only where there are words
    'z([t,r.pipe(Q(we()),g(o=>!!o.searchParams.get("h")))])': 'r.pipe(Q(we()),g(o=>!!o.searchParams.get("h")),b(o=>z([t,$(o)])))',
    # a link to another form of the page is no other language, whose sitemap it would fetch
    'M("link[rel=alternate]")': 'M("link[rel=alternate][hreflang]")',
    # start the worker: at its first task
    "t=new Worker(e)){": (
        "t=(u=>{let w,t=new EventTarget;return{addEventListener:t.addEventListener.bind(t),"
        "removeEventListener:t.removeEventListener.bind(t),postMessage(m){w||(w=new Worker(u),"
        'w.onmessage=e=>t.dispatchEvent(new MessageEvent("message",{data:e.data}))),w.postMessage(m)}}})(e)){'
    ),
    # a section that stands alone among the results shows its text, as a page does
    "oo(i,2|+(!n&&s===0))": "oo(i,2|+(n<1&&s===0))",
    # Escape gives the focus back to where it was: widgets/header remembers
    'case"Escape":case"Tab":at("search",!1),i.blur();break;': (
        'case"Escape":at("search",!1),i.blur(),i.from&&i.from.isConnected&&i.from.focus({preventScroll:!0});break;case"Tab":at("search",!1),i.blur();break;'
    ),
    # addresses made absolute once, for instant navigation: not those of style sheets, which would all be read again and the whole page styled anew
    "{t[r]=t[r];break}": '{e===document&&t.rel==="stylesheet"?t.at=t.href:t[r]=t[r];break}',
    # so a style sheet of both pages is known by where it was when the page was loaded
    "t.set(r.outerHTML,r)": 't.set(r.rel==="stylesheet"?(r.at||r.href)+r.media:r.outerHTML,r)',
    # two <meta> for the scheme: ours come first (main.html), tokens.css says color-scheme, and adding one styles the whole page twice
    'let t=M("input",e),r=x("meta",{name:"theme-color"});document.head.appendChild(r);let o=x("meta",{name:"color-scheme"});document.head.appendChild(o);let n=': (
        'let t=M("input",e),n='
    ),
    't[s].focus()}),i.pipe(m(()=>{let s=Ce("header"),a=window.getComputedStyle(s);return o.content=a.colorScheme,'
    'a.backgroundColor.match(/\\d+/g).map(c=>(+c).toString(16).padStart(2,"0")).join("")})).subscribe(s=>r.content=`#${s}`),i.pipe(xe(pe))': "t[s].focus()}),i.pipe(xe(pe))",
    # tables put into boxes, one by one: trim has done it
    '.map(i=>Zn(i)),...M("table:not([class])",e).map(i=>ti(i)),...M("details",e)': '.map(i=>Zn(i)),...M("details",e)',
    # each listing measured right after it got its buttons: all in the next frame
    "function es(e){return Le(e).pipe(": "function es(e){return $(e).pipe(nt(0,ye),b(Le),",
    # and whether the browser can copy, which needs the layout: asked once
    "if(Kn.default.isSupported()&&": "if((Kn.can=Kn.can||co.default.isSupported())&&",
    # and Space presses a label, as Enter does
    'case"Enter":let o=Ne();o instanceof HTMLLabelElement&&o.click()}': 'case" ":case"Enter":let o=Ne();o instanceof HTMLLabelElement&&(o.click(),e.claim())}',
}


def patient(script: str) -> str:
    """The theme's script, made to load search (a worker, and the index of the whole book) when it is first opened, and to show sections."""
    for before, after in PATIENCE.items():
        if before not in script and after in script:  # done already: a dirty build keeps the file
            continue
        if script.count(before) != 1:
            raise ValueError(f"the theme's script no longer says `{before}`: look again at PATIENCE in hooks/theme.py")
        script = script.replace(before, after)
    return _DIAGRAMS.sub('""', script)


def with_header(site: Path) -> None:
    """Our part of the header (widgets/header) at the end of the theme's script, so that it is there with it."""
    ours = site / "assets/widgets/header.js"
    if not ours.exists():
        return
    script = ours.read_text(encoding="utf-8").strip()
    ours.unlink()
    for bundle in (site / "assets/javascripts").glob("bundle.*.min.js"):
        theirs = re.sub(r"\n//# sourceMappingURL=.*", "", bundle.read_text(encoding="utf-8")).rstrip()
        if not theirs.endswith(script):  # a dirty build keeps the file
            bundle.write_text(f"{theirs}\n{script}\n", encoding="utf-8")


def replace_search(site: Path) -> None:
    """Our search worker (widgets/search) in the place of the theme's, whose messages it speaks; the theme's languages go, too."""
    ours, folder = site / "assets/widgets/search.js", site / "assets/javascripts/workers"
    if not ours.exists():
        return
    script = ours.read_bytes()
    ours.unlink()  # or its letters would count as shown
    if not folder.is_dir():  # a site without the theme
        return
    theirs = list(folder.glob("search.*.min.js"))
    if len(theirs) != 1:
        raise ValueError(f"the theme has {len(theirs)} search workers: look again at replace_search in hooks/theme.py")
    theirs[0].write_bytes(script)
    for leftover in [*folder.glob("*.map"), *(site / "assets/javascripts/lunr").rglob("*")]:
        if leftover.is_file():
            leftover.unlink()
