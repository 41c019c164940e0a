"""The one page of the webhook catcher, and the headers that keep what it shows from running."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.local.catcher import Caught

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
SHOWN_BYTES = 16 * 1024
STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; color: #1f2937; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
article { border: 1px solid #cbd5e1; border-radius: 6px; padding: .5rem 1rem; margin: 1rem 0; }
h2 { font-size: 1rem; overflow-wrap: anywhere; }
pre { background: #f1f5f9; padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  body { background: #0f172a; color: #e2e8f0; }
  article { border-color: #475569; }
  pre { background: #1e293b; }
}
"""


def render(caught: Sequence[Caught]) -> str:
    """Return the page of ``caught``, newest first, with everything in it escaped."""
    articles = "\n".join(map(_article, caught)) or "<p>Nothing yet. Reload after a delivery.</p>"
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<title>Webhook catcher</title>\n<link rel="stylesheet" href="/style.css">\n'
        f"<main>\n<h1>Webhook catcher</h1>\n<p>{len(caught)} kept.</p>\n{articles}\n</main>\n</html>\n"
    )


def _article(one: Caught) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in one.headers)
    return (
        f"<article>\n<h2>POST {escape(one.path)} at <time>{one.received_at:%Y-%m-%d %H:%M:%S} UTC</time></h2>\n"
        f"<details><summary>Headers</summary><pre>{escape(headers)}</pre></details>\n"
        f"<pre>{escape(_readable(one.body))}</pre>\n</article>"
    )


def _readable(body: bytes) -> str:
    text = body[:SHOWN_BYTES].decode(errors="replace")
    if len(body) > SHOWN_BYTES:
        return f"{text}\n… {len(body)} bytes in all"
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
