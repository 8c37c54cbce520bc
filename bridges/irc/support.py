"""What the server supports, as numeric 005 tells it."""

from functools import lru_cache

from bridges.irc.config import IrcConfig
from bridges.irc.wire import isupport
from bridges.irc.wire.modes import CHANNEL
from bridges.irc.wire.names import CHANNEL_LIMIT, NICK_LIMIT, USER_LIMIT

TOPIC_LIMIT = 390
KICK_LIMIT = 390
AWAY_LIMIT = 390
NAME_LIMIT = 128
MONITOR_LIMIT = 100
LIST_LIMIT = 100
HISTORY_LIMIT = 100
MODES_PER_COMMAND = 20


@lru_cache(maxsize=1)
def rows(config: IrcConfig) -> list[tuple[str, ...]]:
    """Return the parameters of the lines that tell it, which everybody is told who comes."""
    return [(*words, "are supported by this server") for words in isupport.lines(support(config))]


def support(config: IrcConfig) -> dict[str, str | None]:
    """Return the tokens and their values, None where there is none."""
    return {
        "ACCOUNTEXTBAN": "a",
        "AWAYLEN": str(AWAY_LIMIT),
        "BOT": "B",
        "CASEMAPPING": "ascii",
        "CHANLIMIT": "#:100",
        "CHANMODES": CHANNEL.chanmodes,
        "CHANNELLEN": str(CHANNEL_LIMIT),
        "CHANTYPES": "#",
        "CHATHISTORY": str(HISTORY_LIMIT),
        "ELIST": "CMNTU",
        "EXCEPTS": "e",
        "EXTBAN": ",am",
        "HOSTLEN": "64",
        "INVEX": None,
        "KICKLEN": str(KICK_LIMIT),
        "MAXLIST": f"Ibe:{LIST_LIMIT}",
        "MAXTARGETS": "20",
        "MODES": str(MODES_PER_COMMAND),
        "MONITOR": str(MONITOR_LIMIT),
        "MSGREFTYPES": "msgid,timestamp",
        "NAMELEN": str(NAME_LIMIT),
        "NETWORK": config.network.replace(" ", "_"),
        "NICKLEN": str(NICK_LIMIT),
        "PREFIX": CHANNEL.prefix,
        "STATUSMSG": "~&@%+",
        "TARGMAX": "NAMES:20,LIST:20,KICK:20,WHOIS:1,PRIVMSG:20,TAGMSG:20,NOTICE:20,MONITOR:100,JOIN:,PART:",
        "TOPICLEN": str(TOPIC_LIMIT),
        "USERLEN": str(USER_LIMIT),
        "UTF8ONLY": None,
        "WHOX": None,
    } | ({"draft/ACCOUNTREQUIRED": None} if config.guests is None else {})
