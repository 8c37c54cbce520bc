"""The synchronous client over real sockets, against a stub hub with faults."""

import threading
import time

import pytest

from airchat import (
    AirChatAuthError,
    AirChatClient,
    AirChatConfig,
    AirChatConnectionError,
    AirChatError,
    AirChatInvalidInput,
    AirChatNotFound,
    AirChatRateLimited,
    AirChatRegistrationError,
    AirChatUnavailable,
)
from airchat.call import Request
from airchat.identity import KeyFile
from tests.sdk.server import Handler, StubHub, once, refused


def test_first_call_registers_and_stores_the_key(client: AirChatClient, config: AirChatConfig, stub: StubHub) -> None:
    assert client.agent_name == "box-x"
    client.send_message("general", "hello")
    client.check_board()
    assert stub.registrations == 1
    with AirChatClient(config, project="x") as again:
        assert [message.content for message in again.read_messages("general")] == ["hello"]
    assert stub.registrations == 1


def test_from_config_reads_home_folder(stub: StubHub) -> None:
    with AirChatClient.from_config(project="My Project") as client:
        assert client.agent_name == "box-my-project"


def test_unknown_key_is_dropped_and_the_call_repeated(client: AirChatClient, stub: StubHub) -> None:
    client.check_board()
    stub.hashes.clear()
    assert client.check_board() == []
    assert stub.registrations == 2


def test_key_renewed_by_another_process_is_taken_over(
    client: AirChatClient, config: AirChatConfig, stub: StubHub
) -> None:
    client.check_board()
    KeyFile(config.home / "agents" / "box-x.key").path.unlink()
    with AirChatClient(config, project="x") as other:
        other.check_board()
    client.check_board()
    assert stub.registrations == 2


def test_threads_register_once(client: AirChatClient, stub: StubHub) -> None:
    threads = [threading.Thread(target=client.send_message, args=("general", f"{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stub.registrations == 1
    assert sorted(message.content for message in client.read_messages("general")) == sorted("01234567")


def test_key_refused_for_ever_is_an_error(client: AirChatClient, stub: StubHub) -> None:
    stub.faults.append(once(lambda handler: handler.reply(refused(401, "Invalid API key")), "/api/v2/board", 9))
    with pytest.raises(AirChatAuthError, match=r"^401: Invalid API key$"):
        client.check_board()
    assert stub.registrations <= 3


def test_refused_registration_is_an_error_of_its_own(client: AirChatClient, stub: StubHub) -> None:
    stub.machines.clear()
    with pytest.raises(AirChatRegistrationError, match=r"^Registration failed \(403\): Registration failed$") as caught:
        client.check_board()
    assert caught.value.status == 403
    assert stub.registrations == 1


def test_token_is_used_as_it_is(config: AirChatConfig, stub: StubHub) -> None:
    token = AirChatConfig(config.web_url, "", "", token="act_1", home=config.home)
    with AirChatClient(token, agent_name="somebody") as client, pytest.raises(AirChatAuthError, match="AIRCHAT_TOKEN"):
        client.check_board()
    assert stub.registrations == 0


def test_error_text_is_status_and_error(client: AirChatClient) -> None:
    with pytest.raises(AirChatNotFound, match=r"^404: Channel not found$") as caught:
        client.read_messages("nowhere")
    assert (caught.value.status, caught.value.code) == (404, "not_found")
    with pytest.raises(AirChatInvalidInput, match=r"^400: "):
        client.send_message("general", "  ")


def test_lost_answer_posts_once(client: AirChatClient, stub: StubHub) -> None:
    def lose(handler: Handler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        stub.answer(Request("POST", handler.path, headers, b'{"channel":"general","content":"once"}'))
        handler.drop()

    client.check_board()
    stub.faults.append(once(lose))
    sent = client.send_message("general", "once")
    assert [message.id for message in client.read_messages("general")] == [sent.id]
    keys = [
        headers["idempotency-key"]
        for method, path, headers in stub.seen
        if (method, path) == ("POST", "/api/v2/messages")
    ]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_own_client_key_makes_a_second_send_the_same(client: AirChatClient) -> None:
    first = client.send_message("general", "x", client_key="k")
    assert client.send_message("general", "x", client_key="k") == first
    assert client.send_message("general", "x") != first


def test_claim_whose_answer_was_lost_is_not_repeated(client: AirChatClient, stub: StubHub) -> None:
    task = client.post_task("general", "t")
    stub.faults.append(once(Handler.drop, "/api/v2/tasks/"))
    with pytest.raises(AirChatConnectionError) as caught:
        client.claim_task(task["id"])
    assert caught.value.sent


@pytest.mark.parametrize("status", [500, 502, 503])
def test_failing_hub_is_asked_again(client: AirChatClient, stub: StubHub, status: int) -> None:
    stub.faults.append(once(lambda handler: handler.reply(refused(status, "oops")), times=2))
    assert client.send_message("general", "x").content == "x"


def test_retry_after_is_waited_for_and_logged(
    client: AirChatClient, stub: StubHub, caplog: pytest.LogCaptureFixture
) -> None:
    stub.faults.append(once(lambda handler: handler.reply(refused(429, "slow", retry_after="1"))))
    started = time.monotonic()
    with caplog.at_level("INFO"):
        client.send_message("general", "x")
    assert time.monotonic() - started >= 1.0
    assert "POST /api/v2/messages waits 1 s for the hub's limits" in caplog.text


def test_retry_after_beyond_patience_is_an_error_at_once(client: AirChatClient, stub: StubHub) -> None:
    stub.faults.append(
        once(lambda handler: handler.reply(refused(429, "Rate limit exceeded.", retry_after="59")), times=9)
    )
    started = time.monotonic()
    with pytest.raises(AirChatRateLimited, match=r"^429: Rate limit exceeded") as caught:
        client.send_message("general", "x")
    assert caught.value.retry_after == 59
    assert time.monotonic() - started < 20


def test_hub_that_stays_broken_is_an_error_in_bounded_time(config: AirChatConfig, stub: StubHub) -> None:
    stub.faults.append(once(lambda handler: handler.reply(refused(500, "oops")), times=99))
    started = time.monotonic()
    with (
        AirChatClient(config, project="x", patience=1.0) as client,
        pytest.raises(AirChatUnavailable, match=r"500: oops"),
    ):
        client.read_messages("general")
    assert time.monotonic() - started < 20


def test_absent_hub_is_an_error(config: AirChatConfig) -> None:
    absent = AirChatConfig("http://127.0.0.1:9", "box", config.private_key_hex, home=config.home)
    with (
        AirChatClient(absent, project="x", patience=0.5) as client,
        pytest.raises(AirChatConnectionError, match=r"cannot be reached"),
    ):
        client.check_board()


def test_connection_is_kept_and_replaced_when_the_hub_closed_it(config: AirChatConfig, stub: StubHub) -> None:
    peers = []

    def note(handler: Handler) -> bool:
        peers.append(handler.client_address)
        handler.close_connection = len(peers) == 3
        return False

    stub.faults.append(note)
    with AirChatClient(config, project="x", patience=0.0) as client:  # it repeats nothing
        for _ in range(5):
            client.check_board()
            time.sleep(0.05)
    assert len(set(peers)) == 2


def test_answer_that_is_no_hubs_is_an_error(client: AirChatClient, stub: StubHub) -> None:
    client.check_board()
    stub.faults.append(once(lambda h: h.reply(refused(200, "x")), "/api/v2/channels"))
    with pytest.raises(AirChatError, match="unknown form"):
        client.list_channels()


def test_moved_hub_is_an_error_that_names_the_new_address(client: AirChatClient, stub: StubHub) -> None:
    stub.faults.append(once(lambda h: h.reply(refused(301, "x", location="https://hub/")), "/api/v2/board"))
    with pytest.raises(AirChatError, match=r"301: The hub moved to https://hub/"):
        client.check_board()


def test_card_travels_with_registration_and_can_be_replaced(
    client: AirChatClient, monkeypatch: pytest.MonkeyPatch, config: AirChatConfig
) -> None:
    monkeypatch.setenv("AIRCHAT_CAPABILITIES", "gpu, tests ,")
    monkeypatch.setenv("AIRCHAT_MODEL", "m")
    assert AirChatClient(config, project="y").card == {"model": "m", "capabilities": ["gpu", "tests"]}
    client.set_card({"capabilities": ["docs"]})
    assert client.card == {"capabilities": ["docs"]}
    assert [agent["name"] for agent in client.find_agents("docs")] == ["box-x"]


def test_get_carries_no_content_type(client: AirChatClient, stub: StubHub) -> None:
    """The hub answers downloads with that header in another form, for older clients."""
    client.check_board()
    assert all("content-type" not in headers for method, _, headers in stub.seen if method == "GET")
