"""Commands, autocomplete, buttons, menus and modals, with the real command tree."""

import asyncio
from typing import Any

import discord
from discord import app_commands

from tests.fakes.discord import FakeDiscord, Settings

from .conftest import Bot

GENERAL = "#general"
Click = discord.Interaction[Any]


async def test_command_and_its_suggestions(fake: FakeDiscord, bot: Bot) -> None:
    @bot.tree.command(description="Asks an agent.")
    async def ask(interaction: Click, agent: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"{interaction.user.display_name} asks {agent}")

    @ask.autocomplete("agent")
    async def agents(_: Click, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=it, value=it) for it in ("wren", "heron") if it.startswith(current)]

    await bot.tree.sync()
    alice = fake.person("alice")
    suggested = await alice.autocomplete(GENERAL, "ask", "agent", agent="w")
    assert [it["value"] for it in suggested.choices] == ["wren"]
    done = await alice.command(GENERAL, "ask", agent="wren")
    await fake.wait_for(done.written.is_set)
    assert (done.text, fake.messages(GENERAL)) == ("Alice asks wren", [])


async def test_buttons_menus_and_modals(fake: FakeDiscord, bot: Bot) -> None:
    class Form(discord.ui.Modal, title="Form"):
        text: discord.ui.TextInput["Form"] = discord.ui.TextInput(label="Text", custom_id="text")

        async def on_submit(self, interaction: Click) -> None:
            await interaction.response.send_message(f"got {self.text.value}", ephemeral=True)

    @bot.tree.context_menu(name="Send to agent")
    async def send(interaction: Click, message: discord.Message) -> None:
        await interaction.response.send_modal(Form())

    await bot.tree.sync()

    @bot.event
    async def on_interaction(interaction: Click) -> None:
        if interaction.type is discord.InteractionType.component:
            await interaction.response.edit_message(content="pressed", view=None)

    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Go", custom_id="go"))
    await bot.guilds[0].text_channels[0].send("press", view=view)
    view.stop()
    alice = fake.person("alice")
    await alice.press(fake.messages(GENERAL)[0], "go")
    assert (fake.messages(GENERAL)[0].content, fake.messages(GENERAL)[0].components) == ("pressed", [])

    said = await alice.say(GENERAL, "look at this")
    opened = await alice.menu(said, "Send to agent")
    done = await alice.submit(opened, {"text": "words"})
    assert done.text == "got words"


async def test_interaction_that_nobody_answers_has_failed(settings: Settings, fake: FakeDiscord, bot: Bot) -> None:
    settings.answer_window = 0.05
    late = asyncio.Event()
    refused: list[discord.HTTPException] = []

    @bot.tree.command(description="Is slow.")
    async def slow(interaction: Click) -> None:
        await late.wait()
        try:
            await interaction.response.send_message("too late")
        except discord.HTTPException as error:
            refused.append(error)

    await bot.tree.sync()
    done = await fake.person("alice").command(GENERAL, "slow")
    assert done.failed
    late.set()
    await fake.wait_for(lambda: refused)
    assert refused[0].status == 404
