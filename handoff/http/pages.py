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


def add_pages(app: web.Application, settings: Settings, *, framed: bool = False) -> None:
    """`/` (demo), `/chat`, `/desk`, and the files below `/widget/` and `/desk/`. `framed`: our own page `/all` may show them in frames."""
    ancestors = "frame-ancestors 'self'" if framed else "frame-ancestors 'none'"
    widget_folder, desk_folder = ROOT / "widget", ROOT / "handoff" / "console"

    async def widget_file(request: web.Request) -> web.StreamResponse:
        return file(widget_folder, request.match_info["path"])

    async def desk_file(request: web.Request) -> web.StreamResponse:
        return file(desk_folder, request.match_info["path"])

    async def desk(request: web.Request) -> web.StreamResponse:
        return page(desk_folder / "index.html", f"{STRICT}; {ancestors}")

    async def chat(request: web.Request) -> web.StreamResponse:
        return page(widget_folder / "page" / "chat.html", f"{STRICT}; frame-ancestors 'self' {' '.join(settings.origins)}".rstrip())

    async def demo(request: web.Request) -> web.StreamResponse:
        if not settings.demo:
            raise web.HTTPFound("/chat")
        return page(widget_folder / "page" / "demo.html", f"{STRICT}; {ancestors}", without="" if framed else "simulator")

    app.router.add_get("/", demo)
    app.router.add_get("/chat", chat)
    app.router.add_get("/desk", desk)
    app.router.add_get("/widget/{path:.+}", widget_file)
    app.router.add_get("/desk/{path:.+}", desk_file)


def page(path: Path, policy: str, *, without: str = "") -> web.Response:
    """A page; `without`: the part between `<!-- name -->` and `<!-- /name -->` is left out."""
    text = path.read_text(encoding="utf-8")
    if without:
        head, _, rest = text.partition(f"<!-- {without} -->")
        text = head + rest.partition(f"<!-- /{without} -->")[2]
    return web.Response(
        text=text,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"},
    )


def file(folder: Path, name: str) -> web.Response:
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
