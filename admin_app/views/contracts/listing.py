"""The contracts list: columns, filters and orders (SPEC L-1 to L-3)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from admin_app.forms.base import uuid_of
from admin_app.permissions import Permission
from admin_app.views import choices, words
from admin_app.views.base import ServiceModelView
from admin_app.views.exporting import ExportedList
from admin_app.views.filters import Condition, Expression, ListFilter, Query, contains, fixed
from admin_app.views.page import Column, EmptyState, Link, Option, Quota, Row
from admin_app.visit import visitor
from shared import clock
from shared.db import db
from shared.models import Contract, ContractQuota, Generator, Product

# A passed date counts as inactive, whatever the gate says (SPEC C-4); a day ends in UTC.
_EXPIRED = sa.and_(
    Contract.expiry_kind == "date", Contract.expiry_date < sa.cast(sa.func.timezone("UTC", sa.func.now()), sa.Date)
)
STATUS = sa.case((_EXPIRED, "expired"), (ContractQuota.accepting, "active"), else_="inactive")
_STATUS_ORDER = sa.case((_EXPIRED, 2), (ContractQuota.accepting, 0), else_=1)
_FILL = sa.case(
    (ContractQuota.used >= ContractQuota.quota, "full"),
    (ContractQuota.used >= ContractQuota.quota - ContractQuota.quota / 10, "near"),
    else_="free",
)


# Turning a uuid into text is the dearest part of a search, so it is done only for what may be part of one.
UUID_PART = re.compile(r"[0-9a-fA-F-]{1,36}")
STATUSES = {"active": "Active", "inactive": "Inactive", "expired": "Inactive – expired"}  # noqa: RUF001 - a dash
FILLS = {"free": "Free", "near": "90 % or more", "full": "Used up"}


def partners(_selected: str = "") -> Mapping[str, str]:
    """Return every partner of the environment's contracts, in the order of names."""
    query = sa.select(Contract.partner).filter_by(environment_id=visitor().environment_id, deleted_at=None)
    names = db.session.scalars(query.where(Contract.partner.is_not(None)).distinct().order_by(Contract.partner))
    return {name: name for name in names if name}


def _chosen_generator(selected: str) -> Mapping[str, str]:
    """Return only the generator that is filtered by: its page leads here."""
    name = db.session.scalar(sa.select(Generator.name).filter_by(id=uuid_of(selected))) if selected else None
    return {selected: name} if name else {}


def _fills(selected: str) -> Mapping[str, str]:
    """Return the choices only where Home led to one: the row of filters is full without them."""
    return FILLS if selected else {}


class ContractList(ExportedList, ServiceModelView):
    """List contracts."""

    noun = ("contract", "contracts")
    writing = Permission.EDIT_CONTRACTS
    count_most = 100_000
    columns = (
        Column(key="name", label="Name", kind="link", sort="name"),
        Column(key="type", label="Type", sort="type"),
        Column(key="status", label="Status", kind="badge", sort="status"),
        Column(key="product", label="Product"),
        Column(key="used", label="Used / quota", kind="quota", sort="used"),
        Column(key="created", label="Created", kind="time", sort="created"),
    )
    sorts: ClassVar[Mapping[str, Expression]] = {
        "name": sa.func.lower(Contract.name),
        "type": Contract.type,
        "status": _STATUS_ORDER,
        "created": Contract.id,  # made in the order of time
        "used": ContractQuota.used,
    }
    sort_options = (
        Option("-created", "Newest first"),
        Option("created", "Oldest first"),
        Option("name", "Name, A to Z"),
        Option("-name", "Name, Z to A"),
        Option("type", "Type, A to Z"),
        Option("-type", "Type, Z to A"),
        Option("status", "Status, active first"),
        Option("-status", "Status, inactive first"),
        Option("-used", "Most used"),
        Option("used", "Least used"),
    )
    list_filters = (
        fixed("status", "Status", STATUS, STATUSES, groups={"inactive": ("inactive", "expired")}),
        fixed("type", "Type", Contract.type, words.TYPE_NAMES),
        ListFilter(
            name="product", label="Product", expression=Contract.product_id, choices=choices.products_by_id,
            read=uuid.UUID,
        ),
        ListFilter(name="partner", label="Partner", expression=Contract.partner, choices=partners),
        ListFilter(
            name="generator", label="Generator", expression=Contract.generator_id, choices=_chosen_generator,
            read=uuid.UUID, is_counted=False,
        ),
        ListFilter(name="fill", label="Quota", expression=_FILL, choices=_fills, known=frozenset(FILLS)),
    )  # fmt: skip
    search_label = "Search name, partner, reference or uuid"
    list_template = "contracts/list.html"

    def first_use(self) -> EmptyState:
        return EmptyState(
            title="No contracts yet",
            text="A contract fixes product, generator and quota; licenses are generated from it.",
            icon="file-certificate",
            action=self.create_action(),
        )

    def base_query(self) -> Query:
        """Return live contracts with their counters."""
        joined = super().base_query().join(Contract.quota)
        return joined.options(contains_eager(Contract.quota))

    def export_columns(self) -> Mapping[str, Expression]:
        product = sa.select(Product.name).where(Product.id == Contract.product_id).scalar_subquery()
        generator = sa.select(Generator.name).where(Generator.id == Contract.generator_id).scalar_subquery()
        return {
            "Name": Contract.name, "Uuid": Contract.id, "Type": Contract.type, "Status": STATUS,
            "Partner": Contract.partner, "Reference": Contract.reference, "Product": product, "Generator": generator,
            "Quota": ContractQuota.quota, "Used": ContractQuota.used, "Reserved": ContractQuota.reserved,
            "Remaining": ContractQuota.quota - ContractQuota.used - ContractQuota.reserved,
            "Created": Contract.created_at, "Updated": Contract.updated_at,
        }  # fmt: skip

    def search_condition(self, term: str) -> Condition:
        named = contains(term, Contract.name, Contract.partner, Contract.reference)
        return sa.or_(named, contains(term, Contract.id)) if UUID_PART.fullmatch(term) else named

    def row(self, *result: Any) -> Row:
        (contract,) = result
        quota = contract.quota
        return Row(
            id=str(contract.id),
            label=contract.name,
            cells={
                "name": Link(label=contract.name, url=self.details_url(contract.id), note=contract.partner or ""),
                "type": words.TYPE_NAMES[contract.type],
                "status": words.contract_status(contract, clock.now()),
                "product": contract.product.name,
                "used": Quota(total=quota.quota, used=quota.used, reserved=quota.reserved),
                "created": contract.created_at,
            },
            actions=self.row_actions(contract.id),
        )
