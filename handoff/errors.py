"""The closed list of errors. A docstring is the sentence a person sees; `retry` says whether trying again can help."""

from __future__ import annotations

from typing import Any, ClassVar


class HeardError(Exception):
    """Something went wrong on our side. Nothing you sent was lost; please try again."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retry: ClassVar[bool] = True

    def __init__(self, message: str | None = None, **facts: Any) -> None:
        """`message` replaces the class's sentence; `facts` are ids, states or numbers, never a patient's words."""
        self.message = message or (type(self).__doc__ or "").strip()
        self.facts = facts
        super().__init__(self.message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join([repr(self.message), *(f'{name}={fact!r}' for name, fact in self.facts.items())])})"

    def as_dict(self) -> dict[str, Any]:
        """The one wire form of an error: `{code, message, retry, **facts}`."""
        return {"code": self.code, "message": self.message, "retry": self.retry, **self.facts}


class BadInput(HeardError):
    """That could not be read. Please check it and send it again."""

    code, status, retry = "bad_input", 400, False


class TooLong(HeardError):
    """That message is too long. Please send it in parts of up to 4,000 characters."""

    code, status, retry = "too_long", 413, False


class EmptyMessage(HeardError):
    """There was nothing in that message. Please write something and send it again."""

    code, status, retry = "empty", 400, False


class SlowDown(HeardError):
    """You are sending faster than we can take it in. Please wait a moment; what was not accepted can be sent again."""

    code, status, retry = "slow_down", 429, True


class NotSignedIn(HeardError):
    """Your session has ended. Please sign in again."""

    code, status, retry = "not_signed_in", 401, False


class SessionEnded(HeardError):
    """This chat has ended or expired. You can start a new one."""

    code, status, retry = "session_ended", 401, False


class WrongSignIn(HeardError):
    """That sign-in was not right. Please check the address and the password."""

    code, status, retry = "wrong_sign_in", 401, False


class LockedOut(HeardError):
    """Too many wrong sign-ins. Please wait 15 minutes, or ask an administrator."""

    code, status, retry = "locked_out", 429, True


class NotAllowed(HeardError):
    """You are not allowed to do that."""

    code, status, retry = "not_allowed", 403, False


class ForeignOrigin(HeardError):
    """This page is not on the list of sites that may use this service."""

    code, status, retry = "foreign_origin", 403, False


class BadSignature(HeardError):
    """This request is not signed by the phone provider for this clinic."""

    code, status, retry = "bad_signature", 403, False


class NotFound(HeardError):
    """There is nothing here by that name."""

    code, status, retry = "not_found", 404, False


class AlreadyTaken(HeardError):
    """A colleague was faster and has already taken this conversation."""

    code, status, retry = "already_taken", 409, False


class OfferOver(HeardError):
    """This is not offered to you any more; somebody else may have it."""

    code, status, retry = "offer_over", 409, False


class BadNumber(HeardError):
    """That is no phone number that can be called from here."""

    code, status, retry = "bad_number", 400, False


class NotYours(HeardError):
    """This conversation is not with you. Take it first."""

    code, status, retry = "not_yours", 409, False


class IllegalMove(HeardError):
    """That cannot be done while the conversation is in its present state."""

    code, status, retry = "illegal_move", 409, False


class OldButton(HeardError):
    """That button is no longer in use."""

    code, status, retry = "old_button", 409, False


class UnknownEvent(HeardError):
    """This service does not know that request."""

    code, status, retry = "unknown_event", 400, False


class OnHold(HeardError):
    """This cannot be erased now because a safety matter is open. A member of staff will deal with your request."""

    code, status, retry = "on_hold", 409, False


class BotFailed(HeardError):
    """The assistant did not answer."""

    code, status, retry = "bot_failed", 502, True


class StoreUnavailable(HeardError):
    """We cannot save anything right now. What you sent is still on your device; please try again in a moment."""

    code, status, retry = "store_unavailable", 503, True


class BadSetting(HeardError):
    """A setting is wrong."""

    code, status, retry = "bad_setting", 500, False


class BadSurvey(HeardError):
    """A survey file has an error."""

    code, status, retry = "bad_survey", 500, False


class BadDatabase(HeardError):
    """The database cannot be used as it is."""

    code, status, retry = "bad_database", 500, False


_ALL: list[type[HeardError]] = [HeardError, *HeardError.__subclasses__()]
ERRORS: dict[str, type[HeardError]] = {error.code: error for error in _ALL}
