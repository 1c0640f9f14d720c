"""Staff over HTTP: sign in and out, a ticket for the socket, the password, a patient's picture."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from handoff.desk import sessions
from handoff.desk.staff import see_picture
from handoff.desk.work import Desk
from handoff.errors import BadInput, ForeignOrigin, LockedOut, NotAllowed, NotFound, NotSignedIn, SlowDown, WrongSignIn
from handoff.http.api import Model, Route
from handoff.http.guard import address_of, check_own_origin, check_rate
from handoff.limits import Limit
from handoff.picture import KINDS
from handoff.staff import accounts
from handoff.staff.call_events import me
from handoff.staff.namespace import StaffNamespace

COOKIE = "heard_staff"


class SignIn(Model):
    email: str | None = Field(None, max_length=200)
    password: str | None = Field(None, max_length=200)
    code: str | None = Field(None, max_length=100)


class Me(BaseModel):
    id: str
    name: str
    role: str
    available: bool


class SignedIn(BaseModel):
    me: Me
    by_code: bool


class Ticket(BaseModel):
    ticket: str


class NewPassword(Model):
    old: str | None = Field(None, max_length=200)
    new: str = Field(max_length=200)


class Done(BaseModel):
    ok: bool


def routes(desk: Desk, limit: Limit, console: StaffNamespace) -> list[Route]:
    settings = desk.house.settings

    async def sign_in(request: web.Request, body: SignIn) -> web.Response:
        check_own_origin(request, settings)
        check_rate(limit, request)
        if body.code is not None:
            signed = await accounts.sign_in_by_code(desk, code=body.code, address=address_of(request))
        elif body.email and body.password:
            signed = await accounts.sign_in(desk, email=body.email, password=body.password, address=address_of(request))
        else:
            raise BadInput("Give an address and a password, or a one-time code.")
        response = web.json_response({"me": await me(desk, signed.person), "by_code": signed.by_code})
        response.set_cookie(
            COOKIE,
            signed.secret,
            max_age=settings.staff_session_hours * 3600,
            httponly=True,
            secure=settings.url.startswith("https"),
            samesite="Strict",
            path="/api/staff",
        )
        return response

    async def who(request: web.Request, signed: accounts.SignedIn) -> web.Response:
        return web.json_response({"me": await me(desk, signed.person), "by_code": signed.by_code})

    async def sign_out(request: web.Request, signed: accounts.SignedIn) -> web.Response:
        await desk.do(accounts.sign_out, signed.session)
        await console.end_session(signed.session)
        response = web.json_response({"ok": True})
        response.del_cookie(COOKIE, path="/api/staff")
        return response

    async def ticket(request: web.Request, signed: accounts.SignedIn) -> web.Response:
        return web.json_response({"ticket": await desk.do(sessions.issue_ticket, kind="staff", session=signed.session)})

    async def password(request: web.Request, signed: accounts.SignedIn, body: NewPassword) -> web.Response:
        check_rate(limit, request)
        await accounts.set_password(desk, signed.session, old=body.old, new=body.new)
        return web.json_response({"ok": True})

    async def picture(request: web.Request, signed: accounts.SignedIn) -> web.Response:
        found = await desk.do(see_picture, signed.person, request.match_info["picture"])
        name = f"picture.{KINDS[found.kind]}"
        return web.Response(
            body=found.data,
            content_type=found.kind,
            headers={
                "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )

    def signed_in(handler: Callable[..., Awaitable[web.Response]]) -> Callable[[web.Request, Any], Awaitable[web.Response]]:
        async def handle(request: web.Request, body: Any) -> web.Response:
            check_own_origin(request, settings)
            idle = timedelta(minutes=settings.staff_idle_minutes)
            signed = await desk.look(accounts.who, request.cookies.get(COOKIE), desk.clock.now(), idle)
            return await (handler(request, signed) if body is None else handler(request, signed, body))

        return handle

    outside = (BadInput, ForeignOrigin, WrongSignIn, LockedOut, SlowDown)
    inside = (NotSignedIn, ForeignOrigin)
    path = "/api/staff/session"
    return [
        Route("POST", path, sign_in, "sign_in", "Sign in by password or by a one-time code.", SignIn, SignedIn, outside),
        Route("GET", path, signed_in(who), "staff", "Who is signed in.", None, SignedIn, inside),
        Route("DELETE", path, signed_in(sign_out), "staff", "Sign out.", None, Done, inside),
        Route("POST", "/api/staff/ticket", signed_in(ticket), "staff", "A ticket for the socket.", None, Ticket, inside),
        Route(
            "POST", "/api/staff/password", signed_in(password), "staff", "Change the password.", NewPassword, Done, (*outside, NotSignedIn)
        ),
        Route(
            "GET",
            "/api/staff/picture/{picture}",
            signed_in(picture),
            "staff",
            "A patient's picture.",
            errors=(*inside, NotAllowed, NotFound),
        ),
    ]
