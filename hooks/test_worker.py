"""The list in /sw.js: the same build has the same version, any changed byte another."""

import json
import re

from hooks import worker

FILES = {"index.html": "home", "a/index.html": "a", worker.SCRIPT: "run()", "404.html": "no", "assets/x.js.map": "{}", "strong-hire.zip": "z"}


def made(folder, **changed):
    for name, text in (FILES | changed).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_version_is_that_of_the_bytes(tmp_path):
    first, again, other = made(tmp_path / "1"), made(tmp_path / "2"), made(tmp_path / "3", **{"a/index.html": "b"})
    assert worker.write(first) == worker.write(again) != worker.write(other)
    assert worker.write(first) == worker.write(again), "what the first writing left must not change the second"
    assert (first / "sw.js").read_bytes() == (again / "sw.js").read_bytes()


def test_version_follows_the_script_too(tmp_path):
    assert worker.write(made(tmp_path / "1")) != worker.write(made(tmp_path / "2", **{worker.SCRIPT: "stop()"}))


def test_list_holds_what_a_reader_may_want_with_size(tmp_path):
    worker.write(made(tmp_path))
    text = (tmp_path / "sw.js").read_text()
    listed = json.loads(re.match(r'const BUILD=\{version:"\w{12}",files:(.*)\};\n', text)[1])
    assert {name: size for name, (_, size) in listed.items()} == {"index.html": 4, "a/index.html": 1}
    assert text.endswith("run()")
