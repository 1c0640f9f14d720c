"""What stands before every request: typed errors, origins, rates, and the headers that every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware
from sqlalchemy.exc import SQLAlchemyError

from handoff.errors import BadInput, ForeignOrigin, HeardError, NotFound, StoreUnavailable, TooLong
from handoff.limits import Limit
from handoff.settings import Settings

log = logging.getLogger(__name__)
Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Server": "heard",
}


def error_response(error: HeardError) -> web.Response:
    response = web.json_response({"error": error.as_dict()}, status=error.status)
    if "retry_after" in error.facts:
        response.headers["Retry-After"] = str(error.facts["retry_after"])
    return response


def answer_errors() -> Middleware:
    """Every failure as `{"error": {code, message, retry}}`; nothing of the request is echoed."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handle) -> web.StreamResponse:
        try:
            return await handler(request)
        except HeardError as error:
            return error_response(error)
        except web.HTTPNotFound:
            return error_response(NotFound())
        except web.HTTPRequestEntityTooLarge:
            return error_response(TooLong("That request is too large."))
        except web.HTTPMethodNotAllowed as error:
            response = error_response(BadInput("This address does not take that kind of request."))
            response.set_status(405)
            response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
            return response
        except web.HTTPException:
            raise
        except SQLAlchemyError as error:
            log.error("%s failed: %s", request.method, type(error).__name__)
            return error_response(StoreUnavailable())
        except (ValueError, UnicodeError):
            return error_response(BadInput())
        except Exception as error:
            log.error("%s failed: %s", request.method, type(error).__name__)
            return error_response(HeardError())

    return middleware


def answer_sites(settings: Settings) -> Middleware:
    """Pages of the listed sites may use a patient's session, without cookies; their browsers ask first (the Fetch standard's preflight)."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handle) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin not in settings.origins or not request.path.startswith("/api/patient/"):
            return await handler(request)
        asks_first = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = web.Response(status=204) if asks_first else await handler(request)
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"
        if asks_first:
            response.headers["Access-Control-Allow-Methods"] = "POST, DELETE"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    return middleware


def set_headers(settings: Settings) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = HEADERS["Server"]
        if settings.url.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.path.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"

    return on_prepare


def check_own_origin(request: web.Request, settings: Settings) -> None:
    """Staff calls come from our own pages only: an Origin, where there is one, and a header that no form can send.

    Raises `ForeignOrigin`.
    """
    origin = request.headers.get("Origin")
    own = settings.own_origins
    if (origin is not None and origin not in own) or request.headers.get("X-Heard") != "1":
        raise ForeignOrigin


def check_rate(limit: Limit, request: web.Request) -> None:
    """Raises `SlowDown`."""
    limit.spend(address_of(request))


def address_of(request: web.Request) -> str:
    """The peer's address; forwarded headers are not believed."""
    return request.remote or "unknown"
