"""The reference, for people as pages and for programs as OpenAPI; no key, nothing about anybody (GATEWAY 1)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, current_app, render_template

from gateway_app import openapi
from gateway_app.catalogue import CATALOGUE
from gateway_app.here import host_url
from gateway_app.openapi import examples
from gateway_app.openapi.endpoints import ENDPOINTS
from gateway_app.openapi.request import request_schema
from gateway_app.openapi.wording import refusals_by_status, rule
from gateway_app.paging import PAGE, PAGE_MOST
from gateway_app.schemas import GenerateRequestSchema
from shared.services.generation import IMMEDIATE_MOST, TEST_MOST

blueprint = Blueprint("docs", __name__)

CACHED = "max-age=300"
PAGE_CSP = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"
STATIC = files("gateway_app").joinpath("static")
STYLESHEET = STATIC.joinpath("docs.css").read_bytes()
MARK = STATIC.joinpath("mark.svg").read_bytes()


@blueprint.get("/")
def start() -> str:
    """Say what this is and where to go."""
    return _page("start.html")


@blueprint.get("/docs")
def guide() -> str:
    """Return the guide and the reference of every endpoint."""
    schema = request_schema(_request_schema())
    return _page("docs.html", endpoints=ENDPOINTS, members=schema["properties"], needed=schema["required"])


@blueprint.get("/docs/errors")
def errors() -> str:
    """Return every code; the ``type`` of each problem document points to its anchor (GATEWAY 5)."""
    return _page("errors.html", entries=CATALOGUE.values())


@blueprint.get("/openapi.json")
def document() -> Response:
    """Return the OpenAPI document for this very host."""
    found = openapi.document(host_url=host_url(), request=_request_schema())
    return Response(json.dumps(found), content_type="application/json")


@blueprint.get("/docs/style.css")
def stylesheet() -> Response:
    """Return the one stylesheet of the pages."""
    return Response(STYLESHEET, content_type="text/css; charset=utf-8")


@blueprint.get("/docs/mark.svg")
def mark() -> Response:
    """Return the mark of the product."""
    return Response(MARK, content_type="image/svg+xml")


@blueprint.after_request
def _close(response: Response) -> Response:
    """Let pages load their stylesheet and mark and nothing else; they may be kept a while, refusals may not."""
    if response.status_code == 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
        response.headers["Cache-Control"] = CACHED
        response.headers["Content-Security-Policy"] = PAGE_CSP
    return response


@blueprint.app_template_filter("pretty")
def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2)


def _page(template: str, **found: Any) -> str:
    limits = {
        "immediate": IMMEDIATE_MOST,
        "test": TEST_MOST,
        "page": PAGE,
        "page_most": PAGE_MOST,
        "count": current_app.extensions["settings"].max_count_per_call,
    }
    shown = {"rule": rule, "refusals_by_status": refusals_by_status, "examples": examples, "limits": limits}
    return render_template(template, here=host_url(), **shown, **found)


def _request_schema() -> GenerateRequestSchema:
    schema: GenerateRequestSchema = current_app.extensions["generate_schema"]
    return schema
