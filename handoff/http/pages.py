"""The pages and their files: the widget's modules, a page to try it on, the chat alone, the console."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from handoff.errors import NotFound
from handoff.settings import ROOT, Settings

TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".ts": "text/plain",
    ".json": "application/json",
}
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)


def add_pages(app: web.Application, settings: Settings) -> None:
    """`/` (demo), `/chat`, `/desk`, and the files below `/widget/` and `/desk/`."""
    widget_folder, desk_folder = ROOT / "widget", ROOT / "handoff" / "console"

    async def widget_file(request: web.Request) -> web.StreamResponse:
        return _file(widget_folder, request.match_info["path"])

    async def desk_file(request: web.Request) -> web.StreamResponse:
        return _file(desk_folder, request.match_info["path"])

    async def desk(request: web.Request) -> web.StreamResponse:
        return _page(desk_folder / "index.html", f"{STRICT}; frame-ancestors 'none'")

    async def chat(request: web.Request) -> web.StreamResponse:
        return _page(widget_folder / "page" / "chat.html", f"{STRICT}; frame-ancestors 'self' {' '.join(settings.origins)}".rstrip())

    async def demo(request: web.Request) -> web.StreamResponse:
        if not settings.demo:
            raise web.HTTPFound("/chat")
        return _page(widget_folder / "page" / "demo.html", f"{STRICT}; frame-ancestors 'none'")

    app.router.add_get("/", demo)
    app.router.add_get("/chat", chat)
    app.router.add_get("/desk", desk)
    app.router.add_get("/widget/{path:.+}", widget_file)
    app.router.add_get("/desk/{path:.+}", desk_file)


def _page(path: Path, policy: str) -> web.Response:
    return web.Response(
        text=path.read_text(encoding="utf-8"),
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"},
    )


def _file(folder: Path, name: str) -> web.Response:
    """A file of one of our two folders, of a type that pages use. Raises `NotFound`."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or path.suffix not in TYPES or not path.is_file():
        raise NotFound
    return web.Response(
        body=path.read_bytes(),
        content_type=TYPES[path.suffix],
        charset="utf-8",
        headers={"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"},
    )
