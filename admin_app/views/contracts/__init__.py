"""Contracts: the list, the forms, the page of one contract and what can be done from there."""

from __future__ import annotations

from admin_app.views.contracts.bulk import BulkPages
from admin_app.views.contracts.calls import CallPages
from admin_app.views.contracts.forms import ContractForms
from admin_app.views.contracts.generating import GeneratingPages
from admin_app.views.contracts.keys import KeyPages
from admin_app.views.contracts.listing import ContractList
from admin_app.views.contracts.page import ContractPage
from admin_app.views.contracts.sheet import SheetPages
from admin_app.views.contracts.testing import TestPages


class Contracts(
    ContractForms, GeneratingPages, TestPages, KeyPages, CallPages, SheetPages, BulkPages, ContractPage, ContractList
):
    """Every page under ``/admin/contracts``, one part of it per module."""
