"""The OpenAPI 3.1 document: put together from the table of endpoints, the catalogue and the request schema."""

from __future__ import annotations

from typing import Any

from gateway_app.openapi.endpoints import ENDPOINTS, TAGS
from gateway_app.openapi.headers import HEADERS
from gateway_app.openapi.operations import operation
from gateway_app.openapi.problems import problem_schemas
from gateway_app.openapi.request import request_schema
from gateway_app.openapi.schemas import SCHEMAS
from gateway_app.schemas import GenerateRequestSchema

VERSION = "1.0.0"
ABOUT = (
    "Generate licenses under a contract. A key works for one contract only. Every refusal is a problem document "
    "with a stable `code`. A guide for people is at `/docs`."
)


def document(*, host_url: str, request: GenerateRequestSchema) -> dict[str, Any]:
    """Return the document for the gateway at ``host_url``, with the limits of ``request``."""
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation(endpoint, host_url=host_url)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Allotment partner gateway", "version": VERSION, "description": ABOUT},
        "externalDocs": {"description": "The guide", "url": f"{host_url}docs"},
        "servers": [{"url": host_url.rstrip("/")}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {"GenerateRequest": request_schema(request), **SCHEMAS, **problem_schemas()},
            "headers": HEADERS,
            "securitySchemes": {
                "contract_key": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "alk_<live or test>_…",
                    "description": "The contract key. It opens the one contract it was issued for.",
                }
            },
        },
    }
