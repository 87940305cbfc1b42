"""The macros of a page: `<%= value(...) %>` and its like. A thin layer over plain functions.

mkdocs-macros loads this file by path; everything else imports it as hooks.macros. `validate` answers for the checker
whether a call would work, without a build.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError, TemplateSyntaxError

from hooks import (
    arithmetic,
    benchmarks,
    building,
    calculators,
    drills,
    exercises,
    glossary,
    hunts,
    listings,
    path_pages,
    plan,
    progress,
    questions,
    reference,
    review,
    sources,
    worker,
)  # fmt: skip
from hooks.building import Building, CallError, Site
from hooks.model import Chapter, Handbook, Question, QuestionSet
from hooks.problems import nearest
from hooks.prose import Call

DELIMITERS = {
    "variable_start_string": "<%=",
    "variable_end_string": "%>",
    "block_start_string": "<%",
    "block_end_string": "%>",
    "comment_start_string": "<%#",
    "comment_end_string": "%>",
}


class MacroError(Exception):
    """A macro that failed; the text starts with file and line."""


def _chapter(site: Site, page: Building, macro: str) -> Chapter:
    chapter = site.handbook.chapter_of(page.name)
    if chapter is None:
        raise CallError(f"{macro}() stands on a page of a chapter only")
    return chapter


def _home(site: Site, page: Building, macro: str) -> Chapter | QuestionSet:
    home = site.handbook.home_of(page.name)
    if home is None:
        raise CallError(f"{macro}() stands on a page of a chapter or question set only")
    return home


def _questions(site: Site, page: Building) -> str:
    home = _home(site, page, "questions")
    return questions.questions(site, page, home, lambda question: render_question(site, page, question))


def _question_list(site: Site, page: Building) -> str:
    return questions.question_list(site, page, _home(site, page, "question_list"))


def _objectives(site: Site, page: Building) -> str:
    return questions.objectives(site, page, _chapter(site, page, "objectives"))


def _self_assessment(site: Site, page: Building) -> str:
    return questions.self_assessment(site, page, _chapter(site, page, "self_assessment"))


def _assessment(site: Site, page: Building) -> str:
    from hooks import assessment  # which renders macros itself

    return assessment.assessment(site, page)


def _exercise(site: Site, page: Building, name: str) -> str:
    """The page of an exercise, for the generated pages."""
    found = exercises.find(site, name)
    statement = render(site, page, found.page.body, found.page.name, found.page.body_line)
    return exercises.page(site, page, found, statement)


MACROS: dict[str, Callable[..., str]] = {
    "value": arithmetic.value,
    "calc": arithmetic.calc,
    "field": arithmetic.field,
    "lab": arithmetic.lab,
    "bench": benchmarks.bench,
    "calculator": calculators.calculator,
    "formula": calculators.formula,
    "drills": drills.drills,
    "bug_hunts": hunts.bug_hunts,
    "planner": plan.planner,
    "assessment": _assessment,
    "exercises": exercises.exercises,
    "exercise": _exercise,
    "review": review.review,
    "checkpoints": review.checkpoints,
    "anki_links": review.anki_links,
    "progress": progress.progress,
    "offline": worker.offline,
    "snippet": listings.snippet,
    "recorded": listings.recorded,
    "refuted": listings.refuted,
    "cite": sources.cite,
    "bibliography": sources.bibliography,
    "glossary": glossary.glossary,
    "model_table": reference.model_table,
    "model_differences": reference.model_differences,
    "hardware_table": reference.hardware_table,
    "chapter_list": questions.chapter_list,
    "chapter_table": questions.chapter_table,
    "path_control": path_pages.path_control,
    "topic_map": path_pages.topic_map,
    "subject_table": path_pages.subject_table,
    "asked_figure": path_pages.asked_figure,
    "competency_list": path_pages.competency_list,
    "role_list": path_pages.role_list,
    "title_table": path_pages.title_table,
    "tier_list": path_pages.tier_list,
    "depth_matrix": path_pages.depth_matrix,
    "role_path": path_pages.role_path,
    "questions": _questions,
    "question_list": _question_list,
    "objectives": _objectives,
    "self_assessment": _self_assessment,
}

OF_CHAPTER = ("objectives", "self_assessment")
OF_HOME = ("questions", "question_list")  # on the pages of a question set too


def bind(site: Site, page: Building, file: str | None = None, first_line: int = 1) -> dict[str, Callable[..., str]]:
    """The macros for one page. An error names `file` (the page, if None) and the line, counted from `first_line`."""

    def bound(name: str, function: Callable[..., str]) -> Callable[..., str]:
        def macro(*args: Any, **kwargs: Any) -> str:
            try:
                return function(site, page, *args, **kwargs)
            except (CallError, TypeError) as error:
                line = first_line + _template_line() - 1
                raise MacroError(f"{file or page.name}:{line}: {name}(): {_readable(error, name)}") from None

        return macro

    return {name: bound(name, function) for name, function in MACROS.items()}


def _template_line() -> int:
    """Line of the template that is being rendered, from the frames that Jinja leaves on the stack."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == "<template>":
            template = frame.f_globals.get("__jinja_template__")
            return template.get_corresponding_lineno(frame.f_lineno) if template is not None else frame.f_lineno
        frame = frame.f_back
    return 1


def _readable(error: Exception, name: str) -> str:
    """Python's complaint about arguments, without the function's inner name and its two hidden arguments."""
    text = str(error)
    function = MACROS[name]
    return text.replace(f"{function.__name__}() ", "").replace("'site', 'page', and ", "")


def environment() -> Environment:
    return Environment(undefined=StrictUndefined, keep_trailing_newline=True, **DELIMITERS)


@lru_cache(maxsize=2**12)  # a question's is asked for by its own page and by its chapter's
def _template(text: str) -> Template:
    return environment().from_string(text)


def render(site: Site, page: Building, text: str, file: str, first_line: int) -> str:
    """Text of another file for this page: a question, a card."""
    if "<%" not in text:
        return text
    try:
        return _template(text).render(**bind(site, page, file, first_line))
    except TemplateSyntaxError as error:
        raise MacroError(f"{file}:{first_line + error.lineno - 1}: macro syntax: {error.message}") from None
    except TemplateError as error:
        raise MacroError(f"{file}:{first_line}: {error.message}") from None


def render_question(site: Site, page: Building, question: Question) -> str:
    return render(site, page, question.body, site.handbook.name(question.path), question.body_line)


def render_cards(site: Site, page: Building, chapter: Chapter) -> str:
    file = f"docs/chapters/{chapter.slug}/cards.md"
    return questions.cards(site, page, chapter, lambda text, line: render(site, page, text, file, line))


def validate(call: Call, page: str, handbook: Handbook) -> str | None:
    """Why this call on `page` (docs/…) would fail, or None. Macros that assemble other files are taken to work."""
    name = call.name
    if name not in MACROS:
        return f"unknown macro; {nearest(name, MACROS)}"
    if name in OF_CHAPTER and handbook.chapter_of(page) is None:
        return "stands on a page of a chapter only; remove it here"
    if name in OF_HOME and handbook.home_of(page) is None:
        return "stands on a page of a chapter or question set only; remove it here"
    if not call.literal:
        return None  # its arguments are known in the build only
    scratch = Building(page, handbook.root, building.folder_of(page, handbook.root))
    try:
        if name in (*OF_CHAPTER, *OF_HOME):
            return f"takes no arguments; write `{name}()`" if call.args or call.kwargs else None
        MACROS[name](Site(handbook), scratch, *call.args, **call.kwargs)
    except CallError as error:
        return str(error)
    except TypeError as error:
        return _readable(error, name)
    return None


def define_env(env) -> None:
    """mkdocs-macros calls this once a build: each macro works on the page that is being built."""

    def late(name: str) -> Callable[..., str]:
        def macro(*args: Any, **kwargs: Any) -> str:
            page, site = building.current(), building.site()
            try:
                return bind(site, page, first_line=_first_line(site, page))[name](*args, **kwargs)
            except MacroError as error:  # publish.py stops the build with all of a page's faults; the plugin would end
                page.faults.append(str(error))  # the process at the first, under `--quiet` without a word
                return page.keep(f"<mark>{html.escape(str(error))}</mark>")

        return macro

    for name in MACROS:
        env.macro(late(name), name)


def on_pre_page_macros(env) -> None:
    """Does the page's macros, or takes what an earlier build made of the same; the plugin has nothing left to do.

    Front matter must not hide a macro (`snippet:`, `lab:`), and of cards.md only the prose is rendered here.
    """
    env.variables["page"].meta = {"render_macros": False}
    if env.page.meta.get("render_macros") is False:  # a page about macros shows them
        return
    page, site = building.current(), building.site()
    if page.name.endswith(".ipynb"):
        env.markdown = ""  # a notebook is no page of Markdown; its macros were none
        return
    if site.recall is not None and site.recall(page, env.markdown, env.page.meta):
        env.markdown = ""
        return
    page.text = env.markdown
    try:
        template = env.env.from_string(env.markdown)
    except TemplateSyntaxError as error:
        line = _first_line(site, page) + error.lineno - 1
        page.faults.append(f"{page.name}:{line}: macro syntax: {error.message}")
        env.markdown = ""
        return
    if page.name.endswith("/cards.md"):
        chapter = site.handbook.chapter_of(page.name)
        if chapter is not None:
            template = env.env.from_string(questions.before_cards(site, page, chapter))
    try:
        env.markdown = template.render(**env.variables)
    except TemplateError as error:  # an unknown name
        page.faults.append(f"{page.name}:{_first_line(site, page)}: {error}")
        env.markdown = ""


def _first_line(site: Site, page: Building) -> int:
    """Line of the file on which the text begins that MkDocs hands over: it strips blank lines after front matter."""
    source = site.handbook.pages.get(page.name)
    if source is None:
        return 1
    return source.body_line + len(source.body) - len(source.body.lstrip("\n"))
