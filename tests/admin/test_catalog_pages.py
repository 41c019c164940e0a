"""Products and generators at the back-office (SPEC K-1, K-2)."""

from __future__ import annotations

from typing import Any

from tests.admin.office import Visit, hidden, words_of
from tests.world import one


def make(visit: Visit, path: str, **fields: Any) -> str:
    answer = visit.post(path, fields)
    assert answer.status_code == 303, words_of(answer)
    return answer.headers["Location"]


def test_product_and_generator_are_made_and_changed(admin: Visit) -> None:
    product = make(admin, "/admin/products/new/", name="Studio", code="ST", status="active")
    product_id = product.split("/")[3]
    keys = {"name": "Standard", "format": "pattern", "pattern": "ST-*****-*****-*****", "alphabet": "unambiguous",
            "features": '{"seats": 1}', "activation_limit": "2", "status": "active"}  # fmt: skip
    weak = admin.post("/admin/generators/new/", {**keys, "product_id": product_id, "pattern": "ST-***"})
    assert weak.status_code == 422
    assert "15 bits of chance" in weak.text
    assert "Choose a product." in admin.post("/admin/generators/new/", keys).text
    generator = make(admin, "/admin/generators/new/", **keys, product_id=product_id)
    said = words_of(admin.get(generator))
    assert "Strength 74 bits" in said
    version = hidden(admin.get(f"{generator}edit/"), "version")
    make(admin, f"{generator}edit/", **{**keys, "features": '{"seats": 2}', "version": version})
    assert one("SELECT features FROM generator").features == {"seats": 2}
    make(admin, f"{product}deactivate/")
    assert one("SELECT status FROM product").status == "inactive"
    taken = admin.post("/admin/products/new/", {"name": "Other", "code": "st"})
    assert "Another product has the code" in taken.text
