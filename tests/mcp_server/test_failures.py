from airchat import AirChatConnectionError, AirChatError, AirChatNotFound, AirChatRegistrationError
from airchat.errors import Refusal
from mcp_server.failures import explain


def test_refused_registration_says_how_to_go_on() -> None:
    error = Refusal(403, "Registration failed").registration_error()
    error.repair = "Enrol this machine."
    assert explain(error) == "Registration failed (403): Registration failed Enrol this machine."


def test_other_registration_error_stands_for_itself() -> None:
    assert explain(AirChatRegistrationError("Registration failed (500): sorry")) == "Registration failed (500): sorry"


def test_lost_send_says_that_it_can_be_repeated() -> None:
    text = explain(AirChatConnectionError("The connection broke.", sent=True))
    assert text == "The connection broke. Whether it arrived is unknown; the same call again does not send twice."


def test_hub_that_is_away_is_told_with_a_way_on() -> None:
    told = explain(AirChatConnectionError("Refused", sent=False))
    assert told == "Refused. Try again later; airchat_doctor says what to look at."


def test_refusal_names_its_field() -> None:
    assert explain(Refusal(400, "Too long", field="content").error()) == "400: Too long (content)"
    assert explain(Refusal(400, "Content is required", field="content").error()) == "400: Content is required"
    assert explain(AirChatNotFound("404: Channel not found")) == "404: Channel not found"
    assert explain(AirChatError("odd")) == "odd"


def test_unforeseen_error_has_no_text() -> None:
    assert explain(RuntimeError("secret")) is None
