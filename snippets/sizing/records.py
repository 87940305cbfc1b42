"""Facts about models and accelerators, read from `docs/data` once and kept.

`model("llama-3.1-70b")` and `accelerator("h100-sxm5-80gb")` return the file as
a dictionary. The name is the file's name without its ending. `source(record)`
is the text that a page shows under a number.
"""

import difflib
from functools import cache
from pathlib import Path

import yaml

DATA = Path(__file__).resolve().parents[2] / "docs" / "data"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def names(kind):
    """Names of all records of a kind: "models" or "hardware"."""
    return tuple(sorted(path.stem for path in (DATA / kind).glob("*.yml")))


def nearest(name, known):
    """The end of an error message: what the reader may have meant."""
    known = [str(each) for each in known]
    close = difflib.get_close_matches(str(name), known, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "known: " + ", ".join(sorted(known))


@cache
def _read(kind, name):
    if name not in names(kind):
        near = nearest(name, names(kind))
        raise ValueError(f"no file docs/data/{kind}/{name}.yml; {near}")
    return yaml.load(
        (DATA / kind / f"{name}.yml").read_text(encoding="utf-8"),
        Loader=_Loader,
    )


def model(name):
    return _read("models", name)


def accelerator(name):
    return _read("hardware", name)


def source(record):
    """Where the facts of a record come from, in words: the titles of its
    sources and the date they were read.
    """
    listed = record.get("source") or []
    text = (
        listed
        if isinstance(listed, str)
        else "; ".join(entry["title"] for entry in listed)
    )
    return f"{text} (as of {record['as_of']})" if "as_of" in record else text


def source_url(record):
    """Address of the first source that has one, or None."""
    listed = record.get("source") or []
    return (
        None
        if isinstance(listed, str)
        else next((entry["url"] for entry in listed if "url" in entry), None)
    )
