"""Pages as text: templates in which every value of a model is shown safely, whoever forgets to.

Three things hold it: Jinja2 escapes all (``autoescape``), a ``finalize`` makes what cannot be seen
visible and bounds it before that, and the policy of each page (``Content-Security-Policy``) allows
the one style and the one script of this package, by their digests, and no address at all.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from hashmatch.report.charts import LEFT, ROW, WIDTH
from hashmatch.report.model import FileEntry, TriageClass
from hashmatch.report.previews import Preview
from hashmatch.report.shares import CLASS_MARKS
from hashmatch.report.text import bounded, size_text
from hashmatch.report.words import CLASS_MEANINGS, CLASS_TITLES, KIND_TITLES

_LONG = 4_000  # characters of a command line, say
_PLAIN_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/-]{0,200}").fullmatch
"""Paths of outputs that are an address as they stand; others are named and not linked."""


def render(template: str, values: Mapping[str, Any]) -> str:
    """One template with its values as HTML."""
    return _environment().get_template(template).render(values)


def content_security_policy(*, script: bool) -> str:
    """What a page may do: our style, pictures within the page, and our script if there is one."""
    allowed = f"'{_source_hash('hold.js')}'" if script else "'none'"
    pictures = "data:" if script else "'none'"
    return (
        f"default-src 'none'; style-src '{_source_hash('style.css')}'; script-src {allowed}; "
        f"img-src {pictures}; base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("hashmatch.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.globals |= {
        "style": Markup(_source("style.css")),  # noqa: S704 - a file of this package
        "script": Markup(_source("hold.js")),  # noqa: S704
        "policy": content_security_policy,
        "class_title": CLASS_TITLES,
        "class_meaning": CLASS_MEANINGS,
        "class_mark": CLASS_MARKS,
        "kind_title": KIND_TITLES,
        "classes": list(TriageClass),
        "chart_left": LEFT,
        "chart_row": ROW,
        "chart_width": WIDTH,
    }
    made.tests["plain_path"] = lambda path: bool(_PLAIN_PATH(path))
    made.filters |= {
        "bytes": size_text,
        "command": shlex.join,
        "details": _details,
        "digest": _digest,
        "long": _long,
        "count": lambda number: f"{number:,}",
        "yes_no": lambda flag: {True: "yes", False: "no", None: "not stated"}[flag],
        "clear64": lambda preview: _base64(preview, "clear"),
        "blurred64": lambda preview: _base64(preview, "blurred"),
        "time": lambda time: time.strftime("%Y-%m-%d %H:%M:%S UTC"),
    }
    return made


def _details(file: FileEntry) -> str:
    """What kind of medium, how large, how long."""
    text = file.kind.value
    if file.width and file.height:
        text += f", {file.width} × {file.height}"  # noqa: RUF001 - as people write it
    return f"{text}, {file.duration_ms / 1000:.1f} s" if file.duration_ms else text


def _digest(file: FileEntry) -> str:
    """The strongest that is known."""
    known = file.digests.items()
    return " ".join(known[-1]) if known else "no digest"


def _finalized(value: Any) -> Any:
    """A value just before it is escaped; Markup is what templates of ours made."""
    kind = type(value)
    if kind is Markup or kind is int:
        return value
    if value is None:
        return ""
    return bounded(value) if isinstance(value, str) else value


def _long(text: str) -> Markup:
    """A text that may be longer than others."""
    return escape(bounded(text, _LONG))


def _base64(preview: Preview, name: str) -> Markup:
    # Letters, digits, "+", "/" and "=": nothing that HTML knows.
    data: bytes = getattr(preview, name)
    return Markup(base64.b64encode(data).decode("ascii"))  # noqa: S704


@cache
def _source(name: str) -> str:
    return (files("hashmatch.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _source_hash(name: str) -> str:
    digest = hashlib.sha256(_source(name).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
