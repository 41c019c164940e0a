"""The partner sheet of a contract at any time: what a reseller's programmer needs, without the key (SPEC C-9)."""

from __future__ import annotations

import uuid

from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from admin_app.permissions import needs
from admin_app.views.base import ServiceModelView
from admin_app.views.contracts.shown import curl_of, partner_sheet
from admin_app.visit import scoped


class SheetPages(ServiceModelView):
    """Show the sheet to copy or print."""

    @expose("/<uuid:row_id>/sheet/")
    @needs("reading")
    def sheet_view(self, row_id: uuid.UUID) -> ResponseReturnValue:
        """Return the sheet of a contract."""
        with scoped():
            contract = self.get_one(row_id)
            context = {
                "page_title": "Partner sheet",
                "breadcrumbs": [*self.crumbs(), self.link_of(contract)],
                "sheet": partner_sheet(contract),
                "curl": curl_of(contract),
                "is_off": not contract.api_access,
            }
        return self.render("contracts/sheet.html", **context)
