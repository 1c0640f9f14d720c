"""The only place where things are put together. The arguments of `build` are the seams for tests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import socketio
from aiohttp import web

from handoff.account import account_of
from handoff.between import RedisBetween
from handoff.bot import Bot, RasaBot
from handoff.calling import Calling
from handoff.catch_up import CatchUp, plan_catch_up
from handoff.channels.rasa import RasaNamespace
from handoff.channels.web import PatientNamespace
from handoff.clock import Clock, Ids, RandomIds, SystemClock
from handoff.desk.call_jobs import plan_watch_all
from handoff.desk.clock_back import clock_went_back
from handoff.desk.texts import plan_watch
from handoff.desk.work import Desk, House
from handoff.doorbell import Doorbell
from handoff.duties import Duties, plan_purge
from handoff.errors import HeardError
from handoff.hours_file import load_hours
from handoff.http import health, pages, patient, sms, staff, text_status, voice
from handoff.http.api import MAX_BODY, Route, openapi, read_body
from handoff.http.guard import answer_errors, answer_sites, set_headers
from handoff.limits import Limit
from handoff.metrics import Metrics
from handoff.own_port import until_open
from handoff.phone import Phone, TwilioPhone
from handoff.picture_source import PictureSource, TwilioPictures
from handoff.picturing import Picturing
from handoff.routing_file import load_routing
from handoff.runner import Runner
from handoff.secret import shared_secret
from handoff.settings import Settings
from handoff.shared_clock import SharedClock
from handoff.simulator import screen
from handoff.simulator.twilio import Twilio
from handoff.sockets import MAX_FRAME, show_typing
from handoff.staff.namespace import StaffNamespace
from handoff.store import Store, migrate, open_store
from handoff.surveys import load_surveys
from handoff.texting import Texting
from handoff.words import load_words

log = logging.getLogger(__name__)


@dataclass
class Service:
    """One node, put together: what tests and the command line take hold of."""

    settings: Settings
    store: Store
    desk: Desk
    runner: Runner
    bot: Bot
    phone: Phone | None
    app: web.Application
    sio: socketio.AsyncServer
    twilio: Twilio | None = None  # the look-alike, where the simulator is on


PING_EVERY = 8  # seconds, and so long one may stay unanswered: a laptop that was closed takes part no longer than that
SERVICE: web.AppKey[Service] = web.AppKey("service", Service)


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    bot: Bot | None = None,
    phone: Phone | None = None,
    picture_source: PictureSource | None = None,
    store: Store | None = None,
) -> web.Application:
    """A node of the service. Raises `BadDatabase`, `BadSurvey`, `BadSetting` before anything listens."""
    ids = ids or RandomIds()
    if store is None:
        migrate.check(settings)
        store = open_store(settings)
    shared = SharedClock(store, SystemClock()) if clock is None and store.dialect == "postgresql" else None
    clock = shared or clock or SystemClock()
    house = load_house(settings, ids)
    between = RedisBetween(settings.redis_url) if settings.redis_url else None
    doorbell = Doorbell(between, node=house.node)
    desk = Desk(store, house, clock=clock, doorbell=doorbell)
    bot = bot or RasaBot(settings.bot, secret=shared_secret(settings), timeout=settings.bot_timeout)
    phone = phone or (TwilioPhone(house.account) if house.account else None)
    if picture_source is None and house.account and settings.fetch_media:
        picture_source = TwilioPictures(house.account)
    metrics = Metrics()
    sio = _socket_server(settings)

    def limit(per_minute: int, burst: int) -> Limit:
        return Limit(per_minute, burst=burst, monotonic=time.monotonic)

    per_minute = settings.messages_per_minute
    patients = PatientNamespace(desk, limit=limit(per_minute, per_minute // 2))
    console = StaffNamespace(desk, limit=limit(per_minute * 2, per_minute))
    for namespace in (patients, console, RasaNamespace(desk, limit=limit(per_minute, per_minute // 2))):
        sio.register_namespace(namespace)

    async def bot_types(conversation: str, on: bool) -> None:
        await show_typing(sio, "/patient", conversation, {"author": "bot", "name": None, "on": on})

    duties = Duties(desk, bot, metrics, typing=bot_types)
    texting = Texting(desk, phone)
    calling = Calling(desk, phone)
    handlers = {**duties.handlers(), **texting.handlers(), **calling.handlers(), **CatchUp(desk, phone).handlers()}
    handlers |= Picturing(desk, picture_source).handlers()
    went_back = partial(clock_went_back, rules=house.routing.teams.rules)
    runner = Runner(store, handlers, node=house.node, clock=clock, clock_went_back=went_back)
    desk.adopt = runner.adopt

    app = web.Application(client_max_size=MAX_BODY, middlewares=[answer_sites(settings), answer_errors()])
    app.on_response_prepare.append(set_headers(settings))
    service = Service(settings, store, desk, runner, bot, phone, app, sio)
    app[SERVICE] = service
    http_limit = limit(settings.messages_per_minute, 60)
    routes = [
        *patient.routes(desk, http_limit, patients),
        *staff.routes(desk, http_limit, console),
        *health.routes(service, metrics),
        *text_status.routes(desk),
        *sms.routes(desk, house.account),
        *voice.routes(desk),
    ]
    document = openapi(routes, version=version("heard"), url=settings.url)
    for route in routes:
        app.router.add_route(route.method, route.path, _handler(route))

    async def describe(_: web.Request) -> web.Response:
        return web.json_response(document)

    app.router.add_get("/openapi.json", describe)
    simulated = house.account is not None and house.account.simulated
    pages.add_pages(app, settings, framed=simulated)
    if house.account is not None and simulated:
        service.twilio = screen.mount(app, house.account, settings, clock=clock, ids=ids)
    sio.attach(app)

    async def start_jobs() -> None:
        """Where the provider is ourselves, whatever asks it waits for our port to open: a refused text would be an uncertain one."""
        if house.account is not None and simulated:
            await until_open(house.account.api_url)
        runner.start()
        try:
            await desk.do(plan_catch_up)
        except HeardError as error:
            log.error("texts that came meanwhile are not looked for: %s", error.code)

    async def run(_: web.Application) -> AsyncIterator[None]:
        if shared is not None:
            await shared.measure()
        console.start()
        patients.start()
        await desk.do(plan_purge)
        await desk.do(plan_watch)
        await desk.do(plan_watch_all)
        tasks = [asyncio.create_task(start_jobs()), asyncio.create_task(doorbell.listen())]
        tasks += [asyncio.create_task(shared.keep())] if shared is not None else []
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await console.stop()
        await runner.stop()
        await patients.stop()  # what the last jobs moved is told while there is time
        with contextlib.suppress(Exception):
            await sio.shutdown()
        await service.bot.close()
        if phone is not None:
            await phone.close()
        if picture_source is not None:
            await picture_source.close()
        if between is not None:
            await between.close()
            await _close_manager(sio)
        await store.close()

    app.cleanup_ctx.append(run)
    return app


def load_house(settings: Settings, ids: Ids | None = None) -> House:
    """The clinic's words, surveys and rules. Raises `BadSurvey`, `BadSetting`."""
    ids = ids or RandomIds()
    return House(
        settings=settings,
        words=load_words(settings.config_dir / "messages", default=settings.locale),
        surveys=load_surveys(settings.config_dir / "surveys"),
        routing=load_routing(
            settings.config_dir / "routing.yml", country=settings.country, zone=settings.zone, countries=settings.countries
        ),
        ids=ids,
        node=settings.node or ids.new(),
        hours=load_hours(settings.config_dir / "hours.yml", zone=settings.zone),
        account=account_of(settings, shared_secret(settings)),
    )


def serve(settings: Settings) -> None:
    """Run one node until SIGTERM or SIGINT. Raises what `build` raises."""
    app = build(settings)
    web.run_app(app, host=settings.host, port=settings.port, access_log=None, print=lambda *_: None, shutdown_timeout=3.0)


def _socket_server(settings: Settings) -> socketio.AsyncServer:
    manager = socketio.AsyncRedisManager(settings.redis_url, channel="heard:sockets") if settings.redis_url else None
    return socketio.AsyncServer(
        async_mode="aiohttp",
        client_manager=manager,
        cors_allowed_origins=list(settings.allowed_origins),
        max_http_buffer_size=MAX_FRAME,
        ping_interval=PING_EVERY,
        ping_timeout=PING_EVERY,
        http_compression=False,
        websocket_compression=False,
        logger=False,
        engineio_logger=False,
    )


async def _close_manager(sio: socketio.AsyncServer) -> None:
    """python-socketio leaves its listener and its connections to Redis open; ours to close."""
    manager = sio.manager
    listener = getattr(manager, "thread", None)  # there once a first socket has come
    if listener is not None:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
    for kept in (manager.pubsub, manager.redis):
        if kept is not None:
            await kept.aclose()


def _handler(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await route.handler(request, await read_body(request, route.takes))

    return handle
