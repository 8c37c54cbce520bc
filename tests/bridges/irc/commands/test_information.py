from tests.bridges.irc.server import IrcHub


async def test_every_command_can_be_looked_up(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    names = [name for line in await ann.ask("HELP") if line[0] == "705" for name in line[3].split()]
    assert {"PRIVMSG", "METADATA", "WHO", "JOIN"} < set(names)
    for name in names:
        head, *texts, end = await ann.ask(f"HELP {name.lower()}")
        assert (head[:3], end[0]) == (("704", "ann", name), "706")
        assert all(text[3] for text in texts)
        assert texts


async def test_support_is_told_in_a_batch_and_before_registration(irc: IrcHub) -> None:
    client = await irc.connect()
    client.send("CAP REQ :batch draft/extended-isupport", "ISUPPORT")
    opening = await client.expect("BATCH")
    assert opening.params[1] == "draft/isupport"
    first = await client.read()
    assert (first.command, first.params[0], first.tags["batch"]) == ("005", "*", opening.params[0][1:])
    while (line := await client.read()).command == "005":
        assert line.tags["batch"] == opening.params[0][1:]
    assert (line.command, line.params) == ("BATCH", (f"-{opening.params[0][1:]}",))


async def test_questions_to_other_servers_have_no_answer(irc: IrcHub) -> None:
    ann = await irc.client("ann")
    for name in ("TIME", "VERSION", "INFO", "MOTD", "ADMIN"):
        assert await ann.ask(f"{name} elsewhere.example") == [("402", "ann", "elsewhere.example", "No such server")]
        assert (await ann.ask(f"{name} AIRCHAT.*"))[0][0] != "402"


async def test_the_most_at_once_is_remembered(irc: IrcHub) -> None:
    ann, bob = await irc.client("ann"), await irc.client("bob")
    bob.send("QUIT")
    await bob.expect("ERROR")
    await ann.ask("MODE ann +i")
    told = await ann.ask("LUSERS")
    assert told[0] == ("251", "ann", "There are 0 users and 1 invisible on 1 servers")
    assert told[-1] == ("266", "ann", "1", "2", "Current global users 1, max 2")
