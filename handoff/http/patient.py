"""A patient's session over HTTP: the secret in an HttpOnly cookie on our own pages, in the body for pages of listed sites."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from handoff.desk import sessions, views
from handoff.desk.work import Desk, Work
from handoff.errors import BadInput, ForeignOrigin, SlowDown, StoreUnavailable
from handoff.http.api import Model, Route
from handoff.http.guard import check_rate
from handoff.limits import Limit
from handoff.settings import Settings

COOKIE = "heard_patient"


class OpenSession(Model):
    resume: str | None = Field(None, max_length=100, description="The secret of an earlier session, from pages of listed sites.")
    locale: str = Field("en", max_length=20)
    survey: str | None = Field(None, max_length=60)
    page: str | None = Field(None, max_length=500)


class SessionOpened(BaseModel):
    ticket: str
    resume: str | None
    fresh: bool
    expires_at: str
    clinic: dict[str, str]
    emergency: str
    shared_device: bool


class ForgetSession(Model):
    resume: str | None = Field(None, max_length=100)


class Forgotten(BaseModel):
    ok: bool


def routes(desk: Desk, limit: Limit, web_channel: Any) -> list[Route]:
    settings = desk.house.settings

    async def open_session(request: web.Request, body: OpenSession) -> web.Response:
        check_rate(limit, request)
        site, cookie = _site(request, settings)
        secret = request.cookies.get(COOKIE) if cookie else body.resume
        session, ticket = await desk.do(_open, secret, site, body)
        opened = SessionOpened(
            ticket=ticket,
            resume=None if cookie else session.secret,
            fresh=session.fresh,
            expires_at=str(views.moment(session.expires_at)),
            clinic={"name": desk.house.clinic(body.locale), "phone": settings.clinic_phone},
            emergency=desk.house.routing.numbers.emergency,
            shared_device=settings.shared_device,
        )
        response = web.json_response(opened.model_dump())
        if cookie:
            age = None if settings.shared_device else int((session.expires_at - desk.clock.now()).total_seconds())
            response.set_cookie(
                COOKIE,
                session.secret,
                max_age=age,
                httponly=True,
                secure=settings.url.startswith("https"),
                samesite="Lax",
                path="/api/patient",
            )
        return response

    async def forget_session(request: web.Request, body: ForgetSession) -> web.Response:
        check_rate(limit, request)
        site, cookie = _site(request, settings)
        secret = request.cookies.get(COOKIE) if cookie else body.resume
        forgotten = await desk.do(sessions.forget, secret=secret, site=site)
        if forgotten is not None:
            await web_channel.end_session(forgotten)
        response = web.json_response(Forgotten(ok=True).model_dump())
        if cookie:
            response.del_cookie(COOKIE, path="/api/patient")
        return response

    errors = (BadInput, ForeignOrigin, SlowDown, StoreUnavailable)
    return [
        Route(
            "POST",
            "/api/patient/session",
            open_session,
            "patient",
            "Begin or resume a patient's session.",
            OpenSession,
            SessionOpened,
            errors,
        ),
        Route(
            "DELETE",
            "/api/patient/session",
            forget_session,
            "patient",
            "Forget the session on this device.",
            ForgetSession,
            Forgotten,
            errors,
        ),
    ]


def _open(work: Work, secret: str | None, site: str, body: OpenSession) -> tuple[sessions.Session, str]:
    session = sessions.open_session(work, secret=secret, site=site, protocol="widget", locale=body.locale, survey=body.survey)
    return session, sessions.issue_ticket(work, kind="patient", session=session.id)


def _site(request: web.Request, settings: Settings) -> tuple[str, bool]:
    """The site a request comes from, and whether it is our own. Raises `ForeignOrigin`."""
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.own_origins:
        return settings.url, True
    if origin in settings.origins:
        return origin, False
    raise ForeignOrigin
