"""HTML pages: one self-contained look, light and dark, with nothing but inline style allowed."""

import base64
import hashlib
from html import escape

from aiohttp import web

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: light-dark(#0b5cad, #7cb8ff); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 6rem; font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.9rem; margin: 0 0 .5rem; }
h2 { margin: 2.5rem 0 .75rem; text-transform: capitalize; border-bottom: 1px solid var(--line); }
h3 { font-size: .8rem; margin: 1rem 0 .25rem; text-transform: uppercase; letter-spacing: .05em; opacity: .7; }
a { color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: .25rem .9rem; margin: 1rem 0; text-transform: capitalize; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem 1rem; border-radius: .4rem; overflow-x: auto; margin: .25rem 0; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; }
summary { cursor: pointer; padding: .5rem .75rem; display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
details > div { padding: 0 1rem 1rem; }
summary span { opacity: .75; }
b.m { font: 600 .75rem ui-monospace, monospace; min-width: 5.2em; text-align: center; padding: .15rem .4rem;
  border-radius: .3rem; background: var(--soft); }
b.GET { color: light-dark(#0b6b2f, #6fdc95); } b.POST { color: light-dark(#0b5cad, #7cb8ff); }
b.PUT, b.PATCH { color: light-dark(#8a5a00, #f0c060); } b.DELETE { color: light-dark(#a81616, #ff8f8f); }
button { font: inherit; padding: .5rem 1.25rem; border-radius: .4rem; border: 0; cursor: pointer;
  background: var(--accent); color: light-dark(#fff, #0a1420); }
button:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def html_page(title: str, body: str) -> web.Response:
    """Return a page; `body` is HTML whose texts are escaped already."""
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    text = f'<!doctype html><html lang="en"><head>{head}<title>{escape(title)}</title><style>{_STYLE}</style></head>'
    headers = {"Content-Security-Policy": _POLICY}
    return web.Response(text=f"{text}<body>{body}</body></html>", content_type="text/html", headers=headers)
