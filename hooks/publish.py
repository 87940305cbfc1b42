"""MkDocs calls these; each hands over to a function that runs without MkDocs.

`mkdocs serve` keeps this module for its whole life, so everything else is imported inside the events, after `_refresh`
has dropped what changed on disk.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path

from mkdocs.exceptions import Abort, BuildError
from mkdocs.plugins import event_priority, get_plugin_logger
from mkdocs.structure.files import File, InclusionLevel

log = get_plugin_logger("handbook")
_loaded: dict[str, float] = {}
_katex = None
_nav = None
_pages = _macros = None  # what is known of pages from earlier builds: see page_cache.py
_serving = False
_built = {}  # what a preview builds single pages from: config, files, nav and env of the last whole build


def on_startup(command, dirty):
    global _serving
    _serving = command == "serve"


def _refresh() -> None:
    """Forget every module of ours whose file changed since it was imported, and all that may have imported it."""
    times = {
        name: Path(module.__file__).stat().st_mtime
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in ("hooks", "snippets")
        and getattr(module, "__file__", None)
        and Path(module.__file__).exists()
    }
    if any(_loaded.get(name, time) != time for name, time in times.items()):
        for name in times:
            del sys.modules[name]
        importlib.invalidate_caches()
        _loaded.clear()
    else:
        _loaded.update(times)


def _root(config) -> Path:
    return Path(config.config_file_path).resolve().parent


@event_priority(100)  # before the macros are loaded
def on_config(config):
    global _katex, _pages
    _refresh()
    from hooks import building, check, folder, inputs, mathematics, model, page_cache

    if folder.wanted():
        folder.adapt(config)
    root = _root(config)
    _close()
    _katex = mathematics.Katex(root)
    _pages = page_cache.Pages(root, Path(config.config_file_path).read_bytes() + repr([_serving, folder.wanted(), _katex.store.name]).encode())
    handbook = model.load(root)
    _pages.glossary = _pages.key("glossary", [term.model_dump(mode="json") for term in handbook.terms])
    problems = check.check(root, handbook, (_pages, inputs.Inputs(handbook)))
    if problems and not _serving:
        raise Abort("\n".join(["The content has problems:", *map(str, problems)]))
    for problem in problems:  # a preview shows what can be shown
        print(problem, file=sys.stderr)
    repository = os.environ.get("GITHUB_REPOSITORY", "")
    site = building.start(
        building.Site(
            handbook=handbook,
            directory_urls=config.use_directory_urls,
            repository=f"https://github.com/{repository}" if repository else "",
            branch=os.environ.get("GITHUB_REF_NAME") or "main",
            commit=os.environ.get("GITHUB_SHA", "")[:12],
        )
    )
    _remember_macros(site, config.site_url)
    return config


def _remember_macros(site, address) -> None:
    global _macros
    from hooks import inputs, page_cache

    asked = inputs.Inputs(site.handbook, address, site.repository, site.branch, site.commit, site.directory_urls)
    _macros = page_cache.Macros(_pages, asked)
    site.recall = _macros.recall


def on_files(files, config):
    from hooks import building, code_pages, exercises, hunts, moved, navigation

    handbook = building.site().handbook
    for made in (code_pages, hunts, exercises, moved):
        for source, text in made.pages(handbook).items():
            files.append(File.generated(config, source, content=text))
    pages = [file for file in files if file.is_documentation_page() and file.inclusion.is_included()]
    for file in pages:
        if navigation.is_unlisted(file.src_uri):
            file.inclusion = InclusionLevel.NOT_IN_NAV
    config.nav = navigation.build(handbook, {file.src_uri for file in pages})
    return files


def on_nav(nav, config, files):
    """Unlisted pages light up a listed one; the foot of the page leads through a chapter and into the next."""
    from hooks import navigation

    global _nav
    _nav = nav
    for file in files.documentation_pages():
        parent = navigation.listed_parent(file.src_uri)
        listed = files.get_file_from_path(parent) if parent else None
        if listed is not None and file.page is not None:
            file.page.parent = listed.page
    _built.update(nav=nav)
    return nav


def on_pre_page(page, config, files):
    from hooks import building, page_cache

    site, name = building.site(), f"docs/{page.file.src_uri}"
    folder = building.folder_of(name, site.handbook.root)
    current = building.begin(building.Building(name, site.handbook.root, folder, directory_urls=site.directory_urls))
    if name.endswith(".md"):
        render = type(page).render.__get__(page)
        page.render = render if _pages is None else lambda config, files: page_cache.convert(_pages, page, current, config, files, render)
    return page


def on_page_markdown(markdown, page, config, files):
    """After the macros."""
    from hooks import assembly, building, macros

    current, site = building.current(), building.site()
    if current.recall is not None:
        page.meta.update(current.recall["meta"])
        return current.recall["markdown"]
    before = set(page.meta)
    try:
        markdown = assembly.assemble(site, current, page.meta, markdown)
    except macros.MacroError as error:
        current.faults.append(str(error))
    if current.faults and not _serving:
        raise Abort("\n".join(current.faults))
    if current.text is not None and site.recall is not None:
        _macros.keep(current, markdown, {name: value for name, value in page.meta.items() if name not in before})
    return markdown


def on_page_content(html, page, config, files):
    from hooks import assembly, building, navigation, notebooks

    kind = navigation.kind_of(page.file.src_uri)
    if page.present_anchor_ids is not None:  # Markdown saw a token for what macros made; links may lead into it
        page.present_anchor_ids |= set(re.findall(r'\bid="([^"]+)"', html))
    if kind == "cards":
        building.site().cards[page.file.src_uri.split("/")[1]] = html
    if kind == "practice":  # one entry a question, not one a part of it
        for entry in page.toc:
            for question in entry.children:
                question.children = []
    if kind != "lab":
        return html
    folder = page.file.src_uri.rpartition("/")[0]

    def save(name, content):
        file = File.generated(config, f"{folder}/{name}", content=content)
        files.append(file)
        return file.url_relative_to(page.file)

    current = building.current()
    page.meta["title"] = notebooks.title(html)
    lab = notebooks.clean(html, current, save).replace("</h1>", f"</h1>{assembly.lab_done(building.site(), current)}", 1)
    return assembly.lab_head(building.site(), current) + lab


def on_page_context(context, page, config, nav):
    from hooks import assembly, building, machines

    page.meta.update(assembly.facts(building.site(), f"docs/{page.file.src_uri}"))
    built = building.find(f"docs/{page.file.src_uri}")
    if built is not None:
        context["about"] = machines.note(building.site(), built, page, config.site_url or "")
        page.meta["description"] = context["about"]["description"]
    context.update(assembly.addresses(building.site(), f"docs/{page.file.src_uri}", page.canonical_url or page.url))
    return context


def on_env(env, config, files):
    """All pages are read; now search reads each as it is written."""
    from hooks import page_cache

    search = config.plugins.get("search") or config.plugins.get("material/search")
    if search is not None:
        page_cache.remember_search(_pages, search.search_index)
        _built.update(search=search.search_index)
    shared = _pages.key("site", config.site_url, page_cache.menu(_nav), page_cache.overrides(_root(config)), _pages.glossary)
    page_cache.remember_pages(env, lambda: _pages, shared, _late, _finish)
    _built.update(config=config, files=files, env=env)
    return env


def _late(page):
    """What is left of a page to be put in when it is written."""
    from hooks import building

    built = building.find(f"docs/{page.file.src_uri}")
    return [built and built.late, building.site().directory_urls]


def _finish(output, page):
    from hooks import arithmetic, building, csp, mathematics, theme, tips

    source, built = page.file.src_uri, building.find(f"docs/{page.file.src_uri}")
    try:
        if built is not None:
            output = arithmetic.on_paper(built.restore_late(output))
            if tips.wanted(source, output):
                output = tips.link(output, source, building.site().handbook.terms, built.href)
        output = output.replace('<use href="#', '<use xlink:href="#')  # the theme's script assigns to every [href]
        return csp.protect(mathematics.render_page(theme.trim(output), f"docs/{source}", _katex), f"docs/{source}", preview=_serving)
    except (mathematics.FormulaError, csp.UnpinnedScript) as error:
        raise BuildError(str(error)) from None


def on_post_template(output_content, template_name, config):
    from hooks import csp, theme

    if not template_name.endswith(".html"):
        return output_content
    try:
        return csp.protect(theme.trim(output_content), template_name, preview=_serving)
    except csp.UnpinnedScript as error:
        raise BuildError(str(error)) from None


def on_post_build(config):
    from hooks import anki, assessment, assets, building, calculators, cards, csp, folder, machines, mathematics, plan, search, tips, worker

    _close()
    site = Path(config.site_dir)
    if not folder.wanted():  # from a folder the browser takes no mask from a file
        csp.icons_to_files(site)
    index = site / "search/search_index.json"
    if index.exists():
        mathematics.rewrite_index(index)
        for problem in search.shape(index, building.site().handbook, building.site().directory_urls):
            log.warning(problem)
    calculators.write(_root(config), site)
    plan.write(building.site(), site)
    assessment.write(building.site(), site)
    tips.write(building.site().handbook, site)
    machines.write(_root(config), site, _nav, config.site_url or "", cards=not _serving, pages=_pages)
    cards.write(building.site().handbook, site)
    anki.write(building.site(), site)
    for problem in assets.build(_root(config), site):
        log.warning(problem)  # which stops a strict build
    if folder.wanted():
        folder.finish(site)
    else:
        worker.write(site, preview=_serving)
    _pages.close()


def on_build_error(error):
    _close()


def on_serve(server, config, builder):
    root = _root(config)
    for folder in ("hooks", "snippets", "exercises", "docs/.overrides", "widgets"):
        if (root / folder).is_dir():
            server.watch(str(root / folder))
    from hooks import preview

    def page_of(source):
        file = _built["files"].get_file_from_path(source)
        return file and file.page

    preview.look_often(server)
    server.builder = preview.Preview(root, builder, build_pages, page_of)
    return server


def build_pages(pages) -> None:
    """These pages again, with the rest as the last whole build left it; for a preview."""
    global _pages
    from mkdocs.commands import build

    from hooks import building, model

    config, files, nav, env = (_built[name] for name in ("config", "files", "nav", "env"))
    site = building.site()
    site.handbook = model.reread(site.handbook, [f"docs/{page.file.src_uri}" for page in pages])
    site.recall = _pages = None  # their text is new: to look for what an earlier build made of it, and to keep it, is in vain
    if "search" in _built:
        _built["search"].add_entry_from_context = lambda page: None  # the index stays as it is
    listed = files.documentation_pages()
    try:
        for page in pages:
            build._populate_page(page, config, files)
        for page in pages:
            build._build_page(page, config, listed, nav, env)
            page.validate_anchor_links(files=files, log_level=config.validation.links.anchors)
    finally:
        _close()


def _close() -> None:
    if _katex is not None:
        _katex.close()
