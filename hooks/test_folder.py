"""The folder edition: the same files give the same zip, and a link that a folder cannot follow is found."""

import os
import zipfile

from hooks import csp, folder

PAGE = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{csp.policy(True)}"><title>t</title><h1>t</h1>'


def test_zip_has_the_same_bytes_whatever_the_dates_and_the_order(tmp_path):
    for name, order in (("1", ("b.html", "a.html", "c/d.html")), ("2", ("c/d.html", "a.html", "b.html"))):
        for index, file in enumerate(order):
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file)
            os.utime(path, (index * 1e8, index * 1e8))
        folder.pack(tmp_path / name, tmp_path / f"{name}.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "1.zip").namelist() == [f"strong-hire/{name}" for name in ("a.html", "b.html", "c/d.html")]


def test_links_to_folders_are_faults(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/index.html").write_text(PAGE)
    (tmp_path / "index.html").write_text(f'{PAGE}<p><a href="sub/index.html">right</a></p>')
    assert folder.faults(tmp_path) == []
    (tmp_path / "index.html").write_text(f'{PAGE}<p><a href="sub/">a list of files</a></p>')
    assert folder.faults(tmp_path) == ["index.html: the link `sub/` leads to a folder"]


def test_links_to_addresses_become_links_to_files(tmp_path):
    for name in ("index.html", "a/index.html", "a/b.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PAGE)
    assert folder.to_file("a/b/", "index.html", tmp_path) == "a/b.html"
    assert folder.to_file("../", "a/b.html", tmp_path) == "index.html"
    assert folder.to_file("../", "a/index.html", tmp_path) == "../index.html"
    assert folder.to_file("a/none/", "index.html", tmp_path) == "a/none/"
    assert folder.TO_FOLDER.sub("F", '<a class="b" href="x/#y"> <a href="https://z/"> <a href="x.html">') == '<a class="b" href="F#y"> <a href="https://z/"> <a href="x.html">'


def test_policy_of_a_folder_lets_in_nothing_from_the_network():
    rules = dict(part.split(" ", 1) for part in csp.policy(True).split("; "))
    assert rules["default-src"] == "'none'" and "unsafe" not in rules["script-src"] and "data:" not in rules["script-src"]
    assert "http" not in csp.policy(True) and "*" not in csp.policy(True)
