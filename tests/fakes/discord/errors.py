"""What the API refuses with (https://docs.discord.com/developers/topics/opcodes-and-status-codes#json)."""

from .settings import Json


class ApiError(Exception):
    """A refusal: HTTP status, Discord's JSON code, and its text."""

    def __init__(self, status: int, code: int, message: str, **details: object) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.body: Json = {"message": message, "code": code, **details}


def unauthorized() -> ApiError:
    """The token is no good."""
    return ApiError(401, 0, "401: Unauthorized")


def unknown(what: str) -> ApiError:
    """There is no such thing: `Channel`, `Message`, `Webhook` and so on."""
    codes = {"Channel": 10003, "Guild": 10004, "Message": 10008, "User": 10013, "Emoji": 10014, "Webhook": 10015}
    return ApiError(404, codes.get(what, 10062 if what == "interaction" else 0), f"Unknown {what}")


def forbidden() -> ApiError:
    """The bot lacks a permission."""
    return ApiError(403, 50013, "Missing Permissions")


def no_access() -> ApiError:
    """The bot cannot even see it."""
    return ApiError(403, 50001, "Missing Access")


def invalid(field: str, text: str, code: str = "BASE_TYPE_BAD_LENGTH") -> ApiError:
    """A field of the body cannot be."""
    detail = {field: {"_errors": [{"code": code, "message": text}]}}
    return ApiError(400, 50035, "Invalid Form Body", errors=detail)
