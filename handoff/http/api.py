"""The HTTP API as one table: each route with its models, its access and its errors; OpenAPI 3.1 is written from it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from handoff.errors import BadInput, HeardError

Handler = Callable[[web.Request, Any], Awaitable[web.StreamResponse]]
MAX_BODY = 65_536


class Model(BaseModel):
    """Typed input: an unknown field or a wrong type is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True)
class Route:
    """`access`: public | patient (allowed origins) | staff (signed in) | sign_in | signed (by the phone provider).

    A route without one cannot be written.
    """

    method: str
    path: str
    handler: Handler
    access: str
    summary: str
    takes: type[Model] | None = None
    gives: type[BaseModel] | None = None
    errors: Sequence[type[HeardError]] = ()


async def read_body(request: web.Request, model: type[Model] | None) -> Any:
    """The request's JSON as `model`. Raises `BadInput` with the field's name and nothing of its content."""
    if model is None:
        return None
    if request.content_type != "application/json":
        raise BadInput("This needs a JSON body (Content-Type: application/json).")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        raise BadInput(f"{'.'.join(str(part) for part in first['loc']) or 'body'}: {first['msg']}") from None


def openapi(routes: Sequence[Route], *, version: str, url: str) -> dict[str, Any]:
    """The document of `routes`, OpenAPI 3.1 (whose schemas are JSON Schema 2020-12, as pydantic writes them)."""
    schemas: dict[str, Any] = {"Error": _ERROR}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Heard", "version": version, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": url}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"staff": {"type": "apiKey", "in": "cookie", "name": "heard_staff"}},
        },
    }


_ERROR: Mapping[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "retry"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "retry": {"type": "boolean"}},
        }
    },
}


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.summary}
    if route.gives is not None:
        good["content"] = {"application/json": {"schema": _schema(route.gives, schemas)}}
    found: dict[str, Any] = {"summary": route.summary, "operationId": _name(route), "responses": {"200": good}}
    for status, sentences in _by_status(route).items():
        found["responses"][status] = {
            "description": " / ".join(sentences),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    if names := re.findall(r"{(\w+)}", route.path):
        found["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    if route.takes is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(route.takes, schemas)}}}
    if route.access == "staff":
        found["security"] = [{"staff": []}]
    return found


def _by_status(route: Route) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for error in route.errors:
        found.setdefault(str(error.status), []).append(error.__doc__ or error.code)
    return dict(sorted(found.items()))


def _schema(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, str]:
    written = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= written.pop("$defs", {})
    schemas[model.__name__] = written
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _name(route: Route) -> str:
    parts = [part.strip("{}") for part in route.path.strip("/").split("/") if part not in ("api", "")]
    return "_".join([route.method.lower(), *parts]).replace(".", "_")
