import re
import tomllib
from pathlib import Path
from typing import Self

import pytest
from pydantic import ValidationError, model_validator

from hub.patterns import RULES
from hub.sections import BudgetSection, IrcNetworkSection, LinkSection, Section
from hub.settings import Settings, SettingsError, explain, load_settings

EXAMPLE = Path(__file__).parents[2] / "config" / "hub.example.toml"


def written(folder: Path, text: str) -> Path:
    path = folder / "hub.toml"
    path.write_text(text)
    return path


def test_without_a_file_defaults_hold() -> None:
    settings = load_settings(None, {})
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 3003)
    assert settings.store_url == f"sqlite:///{settings.hub.state_dir.absolute() / 'hub.db'}"


def test_file_is_read_and_environment_wins(tmp_path: Path) -> None:
    path = written(tmp_path, '[http]\nport = 4000\nhost = "0.0.0.0"\n')
    settings = load_settings(path, {"AIRCHAT_HUB__HTTP__PORT": "5000", "PATH": "/bin"})
    assert (settings.http.host, settings.http.port) == ("0.0.0.0", 5000)


def test_list_in_the_environment_is_separated_by_commas() -> None:
    settings = load_settings(None, {"AIRCHAT_HUB__HTTP__TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8"})
    assert [str(network) for network in settings.http.trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[http]\nprot = 1\n", "[http] prot: unknown setting"),
        ("[htpp]\nport = 1\n", "[htpp]: unknown setting"),
        ("[http]\nport = 70000\n", "[http] port: Input should be less than or equal to 65535"),
        ('[[links]]\nchannel = "ab"\nplatform = "My Space"\nremote = "b"\n', "[links] 0.platform: must have 1-40"),
        ('[hub]\npublic_url = "chat.example.org"\n', "[hub] public_url: must be an address such as https://"),
        ('[irc]\nproxies = "[10.0.0.0/8"\n', "[irc] proxies: must be items with commas between them"),
        ('[[links]]\nchannel = "project-*"\nplatform = "slack"\nremote = "b"\n', "[links] 0: "),
        ('[[links]]\nchannel = "ab"\nplatform = "slack"\nremote = "b"\nmirror = ["all"]\n', "[links] 0.mirror.0"),
        ("[http\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, {})
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert "Value error" not in str(caught.value)


def test_every_pattern_is_told_in_words() -> None:
    fields = [field for section in Section.__subclasses__() for field in section.model_fields.values()]
    used = {rule.pattern for field in fields for rule in field.metadata if getattr(rule, "pattern", None)}
    assert used == set(RULES)


def test_what_is_wrong_in_the_environment_is_named_by_its_variable() -> None:
    with pytest.raises(SettingsError, match="AIRCHAT_HUB__HTTP__PORT: Input should be a valid integer"):
        load_settings(None, {"AIRCHAT_HUB__HTTP__PORT": "many"})


def test_secret_is_read_from_its_file_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("open sesame\n")
    path = written(tmp_path, f'[auth]\nadmin_secret_file = "{tmp_path / "secret"}"\n')
    settings = load_settings(path, {})
    assert settings.auth.admin_secret is not None
    assert settings.auth.admin_secret.get_secret_value() == "open sesame"
    assert "sesame" not in repr(settings)


def test_secret_of_the_environment_replaces_the_file_named_in_hub_toml(tmp_path: Path) -> None:
    path = written(tmp_path, '[auth]\nadmin_secret_file = "nowhere"\n')
    settings = load_settings(path, {"AIRCHAT_HUB__AUTH__ADMIN_SECRET": "other"})
    assert settings.auth.admin_secret is not None
    assert settings.auth.admin_secret.get_secret_value() == "other"


def test_secret_given_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, '[auth]\nadmin_secret_file = "a"\nadmin_secret = "b"\n')
    with pytest.raises(SettingsError, match="has both admin_secret and admin_secret_file"):
        load_settings(path, {})


def test_wrong_secret_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, "[auth]\nadmin_secret = 12345\n"), {})
    assert "12345" not in str(caught.value)


LISTED: dict[str, type[Section]] = {"budgets": BudgetSection, "links": LinkSection, "irc_networks": IrcNetworkSection}


def test_networks_have_names_of_their_own(tmp_path: Path) -> None:
    network = '[[irc_networks]]\nname = "{}"\nhost = "irc.example"\n'
    for text in (network.format("slack"), network.format("a") * 2):
        with pytest.raises(SettingsError, match=r"\[irc_networks\]: .*another platform is called (slack|a) already"):
            load_settings(written(tmp_path, text), {})
    with pytest.raises(SettingsError, match=r"\[bridges\]: .*another platform is called a already"):
        load_settings(written(tmp_path, network.format("a") + "[bridges.a]\nx = 1\n"), {})
    with pytest.raises(SettingsError, match=r"\[bridges\]: .*another platform is called discord already"):
        load_settings(written(tmp_path, "[bridges.discord]\nx = 1\n"), {})


MAIL = '[mail]\nhost = "mail.example"\nsender = "hub@example.org"\n'


def test_who_asks_for_addresses_can_send_mail(tmp_path: Path) -> None:
    email = '[irc]\nregistration = "email"\n'
    assert load_settings(written(tmp_path, email + MAIL), {}).mail.host == "mail.example"
    for given in ("", '[mail]\nhost = "mail.example"\n', '[mail]\nsender = "hub@example.org"\n'):
        with pytest.raises(SettingsError, match=r"\[irc\] registration = .* set \[mail\] host and \[mail\] sender"):
            load_settings(written(tmp_path, email + given), {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('user = "hub"\n', "[mail]: user and password belong together"),
        ('user = "hub"\npassword = "secret"\nsecurity = "none"\n', "[mail]: a password would be sent in the clear"),
        ('security = "ssl"\n', "[mail] security: "),
    ],
)
def test_mail_that_cannot_be_sent_safely_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, MAIL + text), {})
    assert told in str(caught.value)


@pytest.mark.parametrize("sender", ["hub", "a@b, c@d", "Hub <hub@example.org>", "a@b\\nBcc: c@d", "a@b\\n"])
def test_sender_is_one_address(tmp_path: Path, sender: str) -> None:
    with pytest.raises(SettingsError, match=r"\[mail\] sender"):
        load_settings(written(tmp_path, f'[mail]\nsender = "{sender}"\n'), {})


def test_rule_over_several_settings_is_told(tmp_path: Path) -> None:
    wrong = {
        '[[budgets]]\nper = "agent"\nstreak = 3\n': "[budgets] 0: streak is for a channel with a name",
        '[[links]]\nchannel = "a*"\nplatform = "slack"\nremote = "#a"\n': "[links] 0: channel and remote must both be",
    }
    for text, said in wrong.items():
        with pytest.raises(SettingsError) as caught:
            load_settings(written(tmp_path, text), {})
        assert said in str(caught.value)


def test_rule_over_all_settings_is_told() -> None:
    class Whole(Section):
        @model_validator(mode="after")
        def _never(self) -> Self:
            raise ValueError("these do not go together")

    with pytest.raises(ValidationError) as caught:
        Whole.model_validate({})
    assert explain(caught.value, "hub.toml", {}) == "hub.toml: these do not go together"


def test_secret_of_a_network_is_read_from_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hush\n")
    text = f'[[irc_networks]]\nname = "a"\nhost = "irc.example"\npassword_file = "{secret}"\n'
    (network,) = load_settings(written(tmp_path, text), {}).irc_networks
    assert network.password is not None
    assert network.password.get_secret_value() == "hush"


def test_example_is_the_defaults() -> None:
    assert load_settings(EXAMPLE, {}) == load_settings(None, {})


def test_example_explains_every_setting() -> None:
    text = re.sub(r"^# (\w+ = |\[\[)", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
    explained = tomllib.loads(text)
    for section, field in Settings.model_fields.items():
        if section == "bridges":  # their settings are their own
            continue
        listed = LISTED.get(section)
        names = set((listed or type(getattr(Settings(), section))).model_fields)
        given = explained[section][0] if listed else explained[section]
        assert {name.removesuffix("_file") for name in given} == names, (section, field)
