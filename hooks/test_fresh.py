"""Every dated claim is found with its line and is due when its kind says; links are asked for with patience and politeness."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, BrokenBarrierError, Event, Lock, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hooks import fresh, links
from hooks.fixtures import BIBLIOGRAPHY, INDEX, QUESTION, REPOSITORY, edit, line_of, small_handbook
from hooks.fresh import DECAY, Claim
from hooks.model import load

# ---- claims -------------------------------------------------------------------------------------------------------------

PRICES, HARDWARE = "docs/data/prices.yml", "docs/data/hardware/h100-sxm5-80gb.yml"


@pytest.fixture
def root(tmp_path):
    root = small_handbook(tmp_path)
    edit(root, QUESTION, "Head size 128. {given}", "/// asof | As of 2 March 2026\nSo it was.\n///\n\n```\n/// asof | 1 January 2020\n```\n\nHead size 128. {given}")
    (root / PRICES).write_text("# prices\ncurrency: USD\nas_of: 2026-01-10\n")
    edit(root, HARDWARE, "as_of:", "price:\n  usd_per_hour: 2.5\n  date: 2026-02-02\nas_of:")
    return root


def found(root, kind):
    return [claim for claim in fresh.claims(load(root)) if claim.kind == kind]


def test_each_kind_of_claim_is_found_with_its_line(root):
    (chapter,) = found(root, "chapter")
    assert (chapter.path, chapter.line, chapter.checked) == (INDEX, line_of(root, INDEX, "reviewed:"), date(2026, 11, 25))
    (block,) = found(root, "as-of")
    assert (block.path, block.line, block.checked) == (QUESTION, line_of(root, QUESTION, "/// asof | As of"), date(2026, 3, 2))
    (paper,) = found(root, "paper")
    assert (paper.path, paper.line) == (BIBLIOGRAPHY, line_of(root, BIBLIOGRAPHY, "accessed:"))
    assert {claim.path for claim in found(root, "model")} == {"docs/data/models/llama-3.1-70b.yml"}
    (model,) = found(root, "model")
    assert model.line == line_of(root, model.path, "as_of:")
    hosted = [claim for claim in found(root, "price") if claim.path == PRICES]
    assert [(claim.line, claim.checked) for claim in hosted] == [(3, date(2026, 1, 10))]
    (rented,) = [claim for claim in found(root, "price") if claim.path == HARDWARE]
    assert (rented.line, rented.checked) == (line_of(root, HARDWARE, "  date: 2026-02-02"), date(2026, 2, 2))


def test_what_is_due_is_listed_oldest_first_and_only_strict_fails(root, capsys):
    today = date(2026, 9, 1)  # before the review: its date is in the future, which is wrong too
    assert fresh.main(["--root", str(root)], today) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{PRICES}:3: prices of hosted models, last checked 10 January 2026, due 10 April 2026"
    assert f"{QUESTION}:{line_of(root, QUESTION, '/// asof | As of')}: `/// asof | As of 2 March 2026`, last checked 2 March 2026, due 29 August 2026" in lines
    assert any(line.startswith(f"{INDEX}:") for line in lines)
    assert fresh.main(["--root", str(root), "--strict"], today) == 1


def test_nothing_is_due_on_the_day_of_reading(root):
    edit(root, QUESTION, "As of 2 March 2026", "25 November 2026")
    edit(root, PRICES, "2026-01-10", "2026-11-25")
    edit(root, HARDWARE, "2026-02-02", "2026-11-25")
    assert fresh.stale(load(root), date(2026, 11, 25)) == []


@pytest.mark.parametrize("words", ["", "last spring", "31 June 2026", "2026-11-25"])
def test_a_block_without_a_date_is_due_at_once(root, words):
    edit(root, QUESTION, "As of 2 March 2026", words)
    late = fresh.stale(load(root), date(2026, 3, 3))
    assert [claim.path for claim in late if claim.checked is None] == [QUESTION]
    assert "no date that can be read" in str(next(claim for claim in late if claim.checked is None))


@settings(deadline=None)  # a busy machine is no fault
@given(st.sampled_from(sorted(DECAY)), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 2000))
def test_a_claim_is_due_when_its_kind_says(kind, checked, later):
    days, why = DECAY[kind]
    claim = Claim("a", 1, kind, "it", checked)
    assert why and claim.overdue(checked + timedelta(days=later)) == (days is not None and later >= days)
    assert claim.overdue(checked - timedelta(days=1))


def test_every_kind_of_source_decays_or_never_does():
    from typing import get_args

    from hooks.schema import SourceKind

    assert set(get_args(SourceKind)) <= set(DECAY)
    assert DECAY["paper"][0] is None and DECAY["price"][0] == 90


def test_the_prices_say_the_same_as_their_kind():
    assert f"stale_after_days: {DECAY['price'][0]}\n" in (REPOSITORY / PRICES).read_text()


# ---- links --------------------------------------------------------------------------------------------------------------


class Web(ThreadingHTTPServer):
    """A server with the habits of others; `asked` counts requests by method and path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Habits)
        self.asked: Counter = Counter()
        self.at_once = self.most = 0
        self.lock, self.let_go = Lock(), Event()
        self.two = Barrier(2)

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Habits(BaseHTTPRequestHandler):
    def log_message(self, *arguments) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path, web = self.path.strip("/"), self.server
        with web.lock:
            web.asked[self.command, path] += 1
            count = web.asked[self.command, path]
            web.at_once += 1
            web.most = max(web.most, web.at_once)
        if path.startswith("meet"):  # two requests meet here, or the second never comes
            with contextlib.suppress(BrokenBarrierError):
                web.two.wait(timeout=20)
        if path == "hangs":
            web.let_go.wait(timeout=20)
        code, headers = {
            "gone": (404, {}),
            "left": (410, {}),
            "private": (403, {}),
            "broken": (500, {}),
            "for-good": (301, {"Location": "/fine"}),
            "for-now": (302, {"Location": "/fine"}),
            "mixed": (301, {"Location": "/for-now"}),
            "round": (302, {"Location": "/round"}),
            "flaky": (503 if count < 3 else 200, {}),
            "busy": (429 if count < 2 else 200, {"Retry-After": "7"}),
            "no-head": (405 if self.command == "HEAD" else 200, {}),
            "bad-head": (404 if self.command == "HEAD" else 200, {}),
        }.get(path, (200, {}))
        with web.lock:
            web.at_once -= 1
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.let_go.set()
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "state", "requests"),
    [
        ("fine", "ok", 1),
        ("gone", "gone", 2),
        ("left", "gone", 2),
        ("private", "refused", 2),
        ("no-head", "ok", 2),
        ("bad-head", "ok", 2),
        ("flaky", "ok", 3),
        ("busy", "ok", 2),
        ("broken", "failed", 3),
        ("for-now", "ok", 2),
        ("mixed", "ok", 3),
        ("for-good", "moved", 2),
    ],
)
def test_an_address_is_asked_with_patience(web, path, state, requests):
    answer = links.ask(web.address(path), sleep=lambda seconds: None)
    assert answer.state == state, answer
    assert sum(web.asked.values()) == requests
    assert answer.says == {"gone": "404", "left": "410", "private": "403", "broken": "500", "for-good": web.address("fine")}.get(path, "")


def test_redirects_that_go_round_fail(web):
    assert links.ask(web.address("round"), sleep=lambda seconds: None) == links.Answer("failed", "redirects without an end")


def test_no_answer_in_time_is_tried_again_with_longer_pauses(web):
    pauses = []
    answer = links.ask(web.address("hangs"), timeout=0.2, sleep=pauses.append)
    assert answer == links.Answer("failed", "no answer in time") and pauses == [2.0, 4.0]


def test_the_servers_own_pause_is_kept_and_bounded(web, monkeypatch):
    pauses = []
    links.ask(web.address("busy"), sleep=pauses.append)
    assert pauses == [7.0]
    monkeypatch.setattr(links, "LONGEST_PAUSE", 5.0)
    web.asked.clear()
    links.ask(web.address("busy"), sleep=pauses.append)
    assert pauses == [7.0, 5.0]


def test_a_host_gets_two_requests_at_a_time(web):
    addresses = [web.address(f"meet-{number}") for number in range(8)]
    answers = links.check(addresses, lambda address: links.ask(address, sleep=lambda seconds: None))
    assert {answer.state for answer in answers.values()} == {"ok"} and sorted(answers) == sorted(addresses)
    assert web.most == 2, "two at once, and never more"


def test_a_closed_door_is_reported_and_not_raised():
    answer = links.ask("http://127.0.0.1:1/", sleep=lambda seconds: None)
    assert answer.state == "failed" and answer.says


def test_addresses_are_found_with_their_lines_and_without_what_stands_around_them(tmp_path):
    page = tmp_path / "docs/a.md"
    page.parent.mkdir()
    page.write_text(
        "---\ntitle: A\n---\nSee [it](https://a.org/x#part), (https://b.org/w_(y)).\n\n```\nhttps://c.org/\n```\n\n"
        "Then https://a.org/x. And http://localhost:8000/, https://x.example/ and https://example.com/.\n"
    )
    data = tmp_path / "docs/data/d.yml"
    data.parent.mkdir()
    data.write_text("a: 1\nurl: https://d.org/q?a=1&b=2\n")
    assert links.external(tmp_path) == {
        "https://a.org/x": [("docs/a.md", 4), ("docs/a.md", 10)],
        "https://b.org/w_(y)": [("docs/a.md", 4)],
        "https://d.org/q?a=1&b=2": [("docs/data/d.yml", 2)],
    }


def test_the_report_says_where_each_address_stands_worst_first():
    places = {"https://a.org/": [("docs/a.md", 3), ("docs/b.md", 1)], "https://b.org/": [("docs/a.md", 2)], "https://c.org/": [("docs/a.md", 1)]}
    answers = {"https://b.org/": links.Answer("moved", "https://n.org/"), "https://a.org/": links.Answer("gone", "404"), "https://c.org/": links.Answer("ok")}
    lines = links.report(places, answers)
    assert [line.partition(": ")[0] for line in lines] == ["docs/a.md:3", "docs/b.md:1", "docs/a.md:2"]
    assert "leads nowhere (404)" in lines[0] and lines[2].endswith("write https://n.org/")
