"""What our server says it can do: a claim that does not hold makes the suite fail instead of skipping the test.

The names are those of `irctest.specifications`. Nothing here needs the suite, so that its words can be checked without.
"""

SASL = frozenset({"PLAIN", "SCRAM-SHA-256", "EXTERNAL"})

CAPABILITIES = frozenset({
    "account-notify", "account-tag", "away-notify", "batch", "draft/message-redaction", "draft/multiline",
    "draft/read-marker", "echo-message", "extended-join", "extended-monitor", "labeled-response", "message-tags",
    "multi-prefix", "server-time", "setname",
})  # fmt: skip

BEHAVIORS = frozenset({
    "BAN_EXCEPTION_MODE", "CAP_REQ_MINUS", "ELIST_C", "ELIST_M", "ELIST_N", "ELIST_T", "ELIST_U",
    "INVITE_EXCEPTION_MODE", "INVITE_LIST", "INVITE_OVERRIDES_LIMIT", "METADATA_BEFORE_CONNECT", "MULTI_JOIN",
    "MULTI_KICK", "MULTI_NAMES_COMMAND", "MULTI_PRIVMSG", "NO_CTCP", "SASL_AFTER_REGISTRATION",
    "SASL_REAUTHENTICATION",
})  # fmt: skip

ISUPPORT = {
    "BOT": "B",
    "CASEMAPPING": "ascii",
    "ELIST": "*",
    "INVEX": None,
    "MONITOR": "*",
    "MSGREFTYPES": "msgid,timestamp",
    "PREFIX": "(qaohv)~&@%+",
    "STATUSMSG": "~&@%+",
    "TARGMAX": "*",
    "UTF8ONLY": None,
    "WHOX": None,
}
"""Tokens by name; "*" is any value, None is none."""

MUTE = "m"
"""The letter of the extban that mutes."""
