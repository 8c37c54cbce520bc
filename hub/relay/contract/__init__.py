"""The contract between the relay and a bridge: everything a bridge imports from the hub is in this folder.

`bridge` is what a bridge implements, `platform` how the hub learns of it; `inbound` is what comes from a platform,
`outbound` what goes there, `desk` what people there ask of the hub; `errors` steer the supervisor and the lanes.

In: a bridge hands every raw event to `Intake.accept` and acknowledges it to its platform only after that returned.
Later the relay asks it to `decode` the stored event. Whenever the bridge began to listen, or may have missed something,
it calls `Intake.listening`; the relay then has it `read_up` each linked channel, processes nothing of a channel before
that is done, and has it `sweep` what is known by then for changes that were missed.

Out: the relay keeps one lane per linked channel, one call in flight, in order. It asks the bridge to `divide` a text,
to `post` each piece, and to make each `change`. A bridge never repeats a call by itself. After an unclear outcome of a
post the relay asks `find_sent` before it posts again; changes are simply made again, so they must be idempotent. What a
bridge cannot carry (`Bridge.capabilities`, or `CannotCarry` for one case) the relay posts as the words that
`Bridge.in_words` finds for it.

Echoes are known by who caused them, never by what was sent: `decode` and `sweep` drop whatever the bridge's own
account, application or webhook did.

Texts are CommonMark both ways, with people as `@name` and channels as `#name` of the hub (`hub.relay.markup` parses and
renders). Emoji are Unicode, or `:name:` where there is no such character. Moments are microseconds since 1970.
"""
