"""The patterns of settings that are texts, and what each of them says, for people."""

URL = r"^https?://[^\s/]+(/[^\s]*)?$"
MAIL_USER = r"^[!-~]{1,254}$"
MAIL_ADDRESS = r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,189}$"
SERVER_NAME = r"^[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z0-9.-]+$"
NETWORK = r"^[A-Za-z0-9._-]{1,50}$"
PLATFORM = r"^[a-z][a-z0-9_-]{0,39}$"
NICK = r"^[A-Za-z\[\]\\`_^{|}][A-Za-z0-9\[\]\\`_^{|}-]{0,29}$"
IRC_USER = r"^[A-Za-z0-9._-]{1,10}$"
ACCOUNT = r"^[!-~]{1,100}$"
CHANNEL = r"^[a-z0-9*][a-z0-9*-]{1,99}$"

RULES = {
    URL: "must be an address such as https://hub.example.org",
    MAIL_USER: "must have 1-254 printable ASCII characters without blanks",
    MAIL_ADDRESS: "must be one address, such as hub@example.org",
    SERVER_NAME: "must be a host name with a dot, such as irc.example.org",
    NETWORK: "must have 1-50 letters, digits, dots, hyphens and underscores, without blanks",
    PLATFORM: "must have 1-40 lower-case letters, digits, hyphens and underscores, and begin with a letter",
    NICK: r"must be a nick: 1-30 letters, digits and []\`_^{|}-, beginning with neither a digit nor a hyphen",
    IRC_USER: "must have 1-10 letters, digits, dots, hyphens and underscores",
    ACCOUNT: "must have 1-100 printable ASCII characters without blanks",
    CHANNEL: "must be a channel without #: 2-100 lower-case letters, digits and hyphens; one * stands for any",
}
