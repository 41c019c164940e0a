"""A list as a file: exactly the rows that its URL selects, in the order shown, as CSV or XLSX (SPEC R-2, UX 35)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, ClassVar

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from werkzeug.wsgi import wrap_file

from admin_app.permissions import Permission, needs
from admin_app.views.filters import Expression
from admin_app.views.listing import ListState, parse
from admin_app.views.page import Action
from admin_app.views.read_view import ReadView
from admin_app.visit import actor, scoped, visitor
from shared import clock
from shared.services import audit, exports

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportedList(ReadView):
    """A list that may be taken along as a file by those who may export."""

    exporting: ClassVar[Permission] = Permission.EXPORT

    def export_columns(self) -> Mapping[str, Expression]:
        """Return heading → expression, as the signed-in person may see them."""
        raise NotImplementedError

    def export_search(self, term: str) -> str:
        """Return what the audit trail keeps of a search."""
        return term

    def export_links(self, state: ListState) -> list[Action]:
        if not visitor().may(self.exporting):
            return []
        return [
            Action(label=f"Export {kind.upper()}", icon="download", url=state.on_page(1).url(self._export_url(kind)))
            for kind in ("csv", "xlsx")
        ]

    def _export_url(self, kind: str) -> str:
        return url_for(f"{self.endpoint}.export_{kind}")

    @expose("/export.csv")
    @needs("exporting")
    def export_csv(self) -> ResponseReturnValue:
        """Return the list as CSV; a fault before its first byte is an answer, a later one breaks the file off."""
        state = parse(request.args, self.spec)
        asked = self._asked(state)
        self._record(state, "csv")
        chunks = exports.csv_chunks(**asked)
        body = chain([next(chunks)], chunks)
        return self._file(body, CSV, "csv", chunks.close)  # type: ignore[attr-defined]

    @expose("/export.xlsx")
    @needs("exporting")
    def export_xlsx(self) -> ResponseReturnValue:
        """Return the list as a workbook, or 409 with the way out when it is too long for one."""
        state = parse(request.args, self.spec)
        file = exports.workbook(**self._asked(state))
        self._record(state, "xlsx")
        return self._file(wrap_file(request.environ, file), XLSX, "xlsx", file.close)

    def _asked(self, state: ListState) -> dict[str, Any]:
        query = self.selection(state).order_by(*self.ordering(state))
        return {"query": query, "columns": self.export_columns()}

    def _record(self, state: ListState, kind: str) -> None:
        """Keep who took what along, before its first byte leaves."""
        found: dict[str, Any] = {"format": kind, "sort": state.sort, "filters": dict(state.filters)}
        if state.search:
            found["search"] = self.export_search(state.search)
        with scoped():
            audit.record(
                action=f"{self.endpoint}.exported", subject=f"list:{self.endpoint}", by=actor(),
                environment_id=visitor().environment_id, changes=found,
            )  # fmt: skip

    def _file(self, body: Any, media_type: str, kind: str, close: Any) -> Response:
        name = f"{self.endpoint}-{visitor().place.name}-{clock.now():%Y-%m-%d}.{kind}"
        response = Response(body, content_type=media_type, direct_passthrough=kind == "xlsx")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.call_on_close(close)
        return response
