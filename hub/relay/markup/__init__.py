"""Markup: one neutral tree for text, with a parser and a renderer for each platform.

Whatever comes from a platform is parsed, whatever goes to one is rendered: text is data, and no text can address
somebody, set anything off or end a line but as the tree says.
"""

from hub.relay.markup.commonmark import parse_commonmark, render_commonmark
from hub.relay.markup.discord import parse_discord, render_discord
from hub.relay.markup.dividing import divide, split
from hub.relay.markup.irc import parse_irc, render_irc
from hub.relay.markup.resolver import Asked, Known, Nobody, Resolver
from hub.relay.markup.rich_text import parse_rich_text, render_rich_text
from hub.relay.markup.slack import parse_slack, render_slack
from hub.relay.markup.tree import Document

__all__ = [
    "Asked",
    "Document",
    "Known",
    "Nobody",
    "Resolver",
    "divide",
    "parse_commonmark",
    "parse_discord",
    "parse_irc",
    "parse_rich_text",
    "parse_slack",
    "render_commonmark",
    "render_discord",
    "render_irc",
    "render_rich_text",
    "render_slack",
    "split",
]
