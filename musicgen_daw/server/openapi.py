"""The OpenAPI document of the API: every route, field and status that there is."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from musicgen_daw.server import wire
from musicgen_daw.server.options import Options

__all__ = ["document"]

_OPENAPI = "3.1.0"

_REASONS = {
    400: "The body is no JSON, or was cut off.",
    401: "The key is missing, wrong or revoked.",
    404: "There is no such request of this key.",
    406: "Not enough credits, another content type than application/json, or a wrong value: "
    "the message tells.",
    408: "The body did not come in time.",
    410: "The clip is no longer kept.",
    413: "The body is too large.",
    422: "The job failed and is not charged.",
    429: "Too many requests of this key, or the queue is full.",
    500: "The server failed.",
    503: "The server is being stopped.",
    504: "The clip was not made in time and is not charged.",
}
_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_URL = {"type": "string", "format": "uri"}
_STATE = {"enum": ["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]}
_SOUND = {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}

_RESULT_HEADERS = {
    "x-cost": "What the clip cost, in US dollars.",
    "x-remaining-credits": "What the key has left, in US dollars.",
    "x-generation-time": "How long the clip took, in seconds.",
    "x-seed-value": "The seed of the clip, also where it was drawn.",
}
_LIMIT_HEADERS = {
    "x-rate-limit-reset-at-utc": "When the next call may come, as ISO 8601.",
    "retry-after": "The same, as whole seconds from now.",
}


def document(options: Options) -> dict[str, Any]:
    """Return the document, as JSON has it."""
    return {
        "openapi": _OPENAPI,
        "info": {
            "title": "musicgen_daw serve",
            "version": version("musicgen-daw"),
            "description": "Music from a prompt, through the API of the hosted service.",
        },
        "security": [{"key": []}],
        "paths": _clip_paths(options) | _request_paths() | _account_paths() | _open_paths(),
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
            "schemas": _schemas(),
        },
    }


# -- paths -------------------------------------------------------------------------------------


def _clip_paths(options: Options) -> dict[str, Any]:
    asked = {"required": True, "content": _json("Asked")}
    refusals = _refusals(400, 401, 406, 408, 413, 429, 500, 503)
    return {
        f"/v1/{options.model}": {
            "post": {
                "operationId": "generate",
                "summary": "Make a clip and wait for it.",
                "requestBody": asked,
                "responses": {
                    "200": _answer("The clip, a WAV file.", _SOUND, _RESULT_HEADERS),
                    **refusals,
                    **_refusals(422, 504),
                },
            }
        },
        f"/v2/{options.model}": {
            "post": {
                "operationId": "submit",
                "summary": "Take a clip into the queue.",
                "requestBody": asked,
                "responses": {
                    "200": _answer("It was taken.", _json("Submitted")),
                    **refusals,
                },
            }
        },
    }


def _request_paths() -> dict[str, Any]:
    own = _refusals(401, 404, 500)
    file = {
        "206": _answer("The range.", _SOUND | {"multipart/byteranges": {}}),
        "400": _answer("The range is malformed.", {"text/plain": {}}),
        "416": _answer("The range lies beyond the clip.", {"text/plain": {}}),
        **own,
        **_refusals(410),
    }
    return {
        "/v2/requests/{id}/status": {
            "parameters": [_id()],
            "get": {
                "operationId": "status",
                "summary": "How a job stands.",
                "responses": {"200": _answer("How it stands.", _json("Status")), **own},
            },
        },
        "/v2/requests/{id}": {
            "parameters": [_id()],
            "get": {
                "operationId": "result",
                "summary": "The result of a job.",
                "responses": {
                    "200": _answer("It is there.", _json("Result"), _RESULT_HEADERS),
                    "202": _answer("It is not at its end.", _json("Status")),
                    "422": _answer("It failed and is not charged.", _json("Status")),
                    **own,
                    **_refusals(410),
                },
            },
        },
        "/v2/requests/{id}/stream": {
            "parameters": [_id()],
            "get": {
                "operationId": "stream",
                "summary": "A clip while it is made, cut off where it fails (not hosted).",
                "responses": {
                    "200": _answer("What there is and what comes, as 32-bit floats.", _SOUND),
                    **file,
                    **_refusals(422, 503, 504),
                },
            },
        },
        "/files/{id}.wav": {
            "parameters": [_id()],
            "get": {
                "operationId": "file",
                "summary": "A clip, or ranges of it.",
                "parameters": [{"name": "range", "in": "header", "schema": _TEXT}],
                "responses": {"200": _answer("The clip.", _SOUND), **file},
            },
        },
    }


def _account_paths() -> dict[str, Any]:
    low, high = wire.HISTORY_RANGE
    limit = {"type": "integer", "minimum": low, "maximum": high, "default": wire.DEFAULT_HISTORY}
    since = {
        "anyOf": [{"type": "number"}, {"type": "string", "format": "date-time"}],
        "description": "Seconds since the epoch, or ISO 8601.",
    }
    return {
        "/v1/get-user-credits": {
            "get": {
                "operationId": "credits",
                "summary": "What the key has.",
                "responses": {
                    "200": _answer("In US dollars.", _json("Credits")),
                    **_refusals(401, 500),
                },
            }
        },
        "/v1/requests": {
            "get": {
                "operationId": "history",
                "summary": "The latest calls of the key, the latest first.",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": limit},
                    {"name": "since", "in": "query", "schema": since},
                ],
                "responses": {
                    "200": _answer("The calls.", _json("History")),
                    **_refusals(401, 406, 500),
                },
            }
        },
    }


def _open_paths() -> dict[str, Any]:
    anything = {"application/json": {"schema": {"type": "object"}}}
    return {
        "/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "This document.",
                "security": [],
                "responses": {"200": _answer("The document.", anything)},
            }
        },
        "/healthz": {
            "get": {
                "operationId": "health",
                "summary": "Whether calls are taken.",
                "security": [],
                "responses": {"200": _answer("They are.", _json("Health")), **_refusals(503)},
            }
        },
    }


# -- parts -------------------------------------------------------------------------------------


def _schemas() -> dict[str, Any]:
    low_s, high_s = wire.DURATION_RANGE_S
    low_seed, high_seed = wire.SEED_RANGE
    return {
        "Asked": {
            "type": "object",
            "required": ["prompt"],
            "properties": {
                "prompt": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": wire.MAX_PROMPT,
                    "pattern": r"\S",
                },
                "duration": {
                    "type": "number",
                    "minimum": low_s,
                    "maximum": high_s,
                    "default": int(wire.DEFAULT_DURATION_S),
                    "description": "Seconds.",
                },
                "seed": {
                    "type": "integer",
                    "minimum": low_seed,
                    "maximum": high_seed,
                    "default": wire.DEFAULT_SEED,
                    "description": "-1 draws one.",
                },
            },
        },
        "Submitted": _object(
            request_id=_TEXT, status=_STATE, poll_url=_URL, status_url=_URL, response_url=_URL
        ),
        "Status": _object(request_id=_TEXT, status=_STATE)
        | {"properties": {"request_id": _TEXT, "status": _STATE, "error": _TEXT}},
        "Result": _object(
            request_id=_TEXT, status=_STATE, output=_URL, prompt=_TEXT, duration=_NUMBER,
            seed={"type": "integer"}, cost=_NUMBER,
        ),
        "Credits": _object(**{"credits": _NUMBER, "free-credits": _NUMBER}),
        "History": _object(requests={"type": "array", "items": _past_call()}),
        "Health": _object(status=_TEXT),
        "Error": _object(error=_TEXT),
    }  # fmt: skip


def _past_call() -> dict[str, Any]:
    return _object(
        request_id=_TEXT,
        created_at={"type": "string", "format": "date-time"},
        status=_STATE,
        prompt=_TEXT,
        duration=_NUMBER,
        seed={"type": "integer"},
        cost=_NUMBER,
        output={"type": ["string", "null"], "format": "uri"},
    )


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _answer(
    description: str, content: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    told = {"x-request-id": "The id of the request.", **(headers or {})}
    return {
        "description": description,
        "headers": {name: {"description": text, "schema": _TEXT} for name, text in told.items()},
        "content": content,
    }


def _refusals(*statuses: int) -> dict[str, Any]:
    return {
        str(status): _answer(
            _REASONS[status], _json("Error"), _LIMIT_HEADERS if status == 429 else None
        )
        for status in statuses
    }


def _id() -> dict[str, Any]:
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[0-9a-f]+$"},
    }
