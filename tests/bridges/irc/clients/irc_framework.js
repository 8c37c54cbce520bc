// irc-framework (what The Lounge and Kiwi IRC speak with) under a program's hands.
// Arguments: one JSON object {host, port, nick, password, account}. Each line of standard input is a command as JSON,
// {"do": "join"|"say"|"raw", ...}; each line of standard output is an event as JSON, {"event": name, ...}.
"use strict";

const readline = require("node:readline");
const { Client } = require("irc-framework");

const login = JSON.parse(process.argv[2]);
const client = new Client();

function tell(event, fields) {
  process.stdout.write(JSON.stringify({ event, ...fields }) + "\n");
}

function said({ nick, target, message, time, tags, batch }) {
  return { nick, target, message, time, msgid: tags.msgid, batch: batch ? batch.type : null };
}

for (const name of ["privmsg", "notice", "action"]) {
  client.on(name, (event) => tell(name, said(event)));
}
client.on("registered", () => tell("registered", { caps: client.network.cap.enabled, options: client.network.options }));
client.on("loggedin", (event) => tell("loggedin", { account: event.account }));
client.on("sasl failed", (event) => tell("sasl failed", { reason: event.reason }));
client.on("join", (event) => tell("join", { nick: event.nick, channel: event.channel }));
client.on("userlist", (event) => tell("userlist", { channel: event.channel, nicks: event.users.map((user) => user.nick) }));
client.on("batch end chathistory", (event) => {
  const said = event.commands.filter((each) => each.command === "PRIVMSG");
  tell("chathistory", { channel: event.params[0], lines: said.map((each) => [each.nick, each.params[1], each.tags.msgid]) });
});
client.on("unknown command", (event) => tell("unknown", { command: event.command, params: event.params }));
client.on("socket close", () => tell("closed", {}));

const actions = {
  join: ({ channel }) => client.join(channel),
  say: ({ target, text }) => client.say(target, text),
  raw: ({ line }) => client.raw(line),
};
const input = readline.createInterface({ input: process.stdin });
input.on("line", (line) => {
  const command = JSON.parse(line);
  actions[command.do](command);
});
input.on("close", () => process.exit(0));

client.requestCap(["draft/chathistory", "draft/event-playback"]);
client.connect({
  host: login.host,
  port: login.port,
  nick: login.nick,
  username: login.nick,
  gecos: login.nick,
  auto_reconnect: false,
  enable_echomessage: true,
  enable_chghost: true,
  enable_setname: true,
  ...(login.account ? { account: { account: login.account, password: login.password } } : { password: login.password }),
});
