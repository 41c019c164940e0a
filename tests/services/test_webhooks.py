"""Where webhooks may go, and what comes and goes with the address (SPEC 2)."""

from __future__ import annotations

import pytest

from shared import clock
from shared.crypto import Sealed
from shared.errors import InvalidInput
from shared.services import contracts
from shared.services.audit import COMMAND
from shared.services.webhooks import url_of
from shared.transaction import transaction
from tests.world import World, one, rows

URL = "https://hooks.partner.example/allotment?tenant=7"
REFUSED = (
    ("ftp://partner.example/x", "whole address"),
    ("partner.example/hooks", "whole address"),
    ("https:///nowhere", "whole address"),
    ("javascript:alert(1)", "whole address"),
    ("https://user:word@partner.example/", "user name"),
    ("https://partner.example/#part", "#"),
    ("https://partner.example:99999/", "port"),
    ("https://partner.example/a b", "ASCII"),
    ("https://pärtner.example/", "ASCII"),
    ("https://partner.example/\x00", "ASCII"),
    ("https://partner.example/" + "x" * 2000, "2000"),
    ("http://partner.example/", "https"),
    ("https://localhost/", "private"),
    ("https://LOCALHOST./", "private"),
    ("https://db.internal/", "private"),
    ("https://intranet/", "private"),
    ("https://127.0.0.1/", "private"),
    ("https://10.1.2.3:8443/", "private"),
    ("https://169.254.169.254/latest", "private"),
    ("https://[::1]/", "private"),
    ("https://[::ffff:10.0.0.1]/", "private"),
)


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_an_address_that_cannot_be_delivered_to_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        url_of(text, http_allowed=False)


@pytest.mark.parametrize(
    "text", [URL, "https://192.0.43.8/", "https://partner.example:8443/x", "https://[2606:2800::1]/"]
)
def test_a_public_address_is_taken_as_it_was_written(text: str) -> None:
    assert url_of(f"  {text} ", http_allowed=False) == text


def test_development_takes_plain_http_and_this_machine_and_blank_is_none() -> None:
    assert url_of("http://127.0.0.1:8002/hook", http_allowed=True) == "http://127.0.0.1:8002/hook"
    assert url_of("  ", http_allowed=False) is None


def test_the_first_address_brings_a_sealed_secret_and_another_one_keeps_it(world: World) -> None:
    contract = world.contract(webhook_url=URL)
    secret = one("SELECT * FROM webhook_secret")
    assert contract.id == secret.contract_id
    text = world.keyring.box.unseal(Sealed(secret.ring_id, bytes(secret.ciphertext)), row_id=str(contract.id))
    assert text.startswith("whsec_")
    world.amend(contract, webhook_url="https://other.example/")
    assert one("SELECT url FROM webhook_endpoint").url == "https://other.example/"
    assert bytes(one("SELECT ciphertext FROM webhook_secret").ciphertext) == bytes(secret.ciphertext)
    entry = one("SELECT changes, action FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert (entry.action, entry.changes) == (
        "contract.amended", {"webhook_url": [URL, "https://other.example/"]},
    )  # fmt: skip


def test_with_the_address_goes_the_secret(world: World) -> None:
    contract = world.contract(webhook_url=URL)
    changed = world.amend(contract, webhook_url="")
    assert rows("SELECT 1 FROM webhook_endpoint") == rows("SELECT 1 FROM webhook_secret") == []
    assert changed.version == 2
    assert world.amend(changed, webhook_url="").version == 2, "nothing changed, so nothing was saved"


def test_a_refused_address_changes_nothing_and_names_its_field(world: World) -> None:
    contract = world.contract(webhook_url=URL)
    with pytest.raises(InvalidInput) as refused, transaction(environment_id=contract.environment_id):
        contracts.amend(
            contract_id=contract.id, version=1, fields={"name": "Other", "webhook_url": "http://x.example/"},
            by=COMMAND, at=clock.now(), keyring=world.keyring,
        )  # fmt: skip
    assert set(refused.value.problems) == {"webhook_url"}
    assert one("SELECT url FROM webhook_endpoint").url == URL
    assert one("SELECT name FROM contract").name == contract.name
