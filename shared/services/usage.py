"""What stands on a product or a generator: counted for its page, asked before it is deleted."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from shared.db import db
from shared.models import Contract, Generation, Generator, License, Product

# Further than this nobody needs to count before an answer.
COUNT_MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Usage:
    """How many live generators and contracts, and how many licenses (counted up to one above COUNT_MOST)."""

    generators: int = 0
    contracts: int = 0
    licenses: int = 0

    @property
    def is_any(self) -> bool:
        """Tell whether anything stands on it."""
        return bool(self.generators or self.contracts or self.licenses)

    def in_words(self) -> str:
        """Return what there is of it, such as “2 generators and 1 contract”."""
        counts = (("generator", self.generators), ("contract", self.contracts), ("license", self.licenses))
        parts = [_counted(noun, count) for noun, count in counts if count]
        return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def of_product(product: Product) -> Usage:
    """Return what stands on ``product`` now."""
    here = product.environment_id
    return Usage(
        generators=_count(
            Generator, Generator.environment_id == here, Generator.product_id == product.id,
            Generator.deleted_at.is_(None),
        ),
        contracts=_count(
            Contract, Contract.environment_id == here, Contract.product_id == product.id, Contract.deleted_at.is_(None)
        ),
        licenses=_count(License, License.environment_id == here, License.product_id == product.id),
    )  # fmt: skip


def of_generator(generator: Generator) -> Usage:
    """Return what stands on ``generator`` now."""
    here = generator.environment_id
    return Usage(
        contracts=_count(
            Contract, Contract.environment_id == here, Contract.generator_id == generator.id,
            Contract.deleted_at.is_(None),
        ),
        licenses=_count(License, License.environment_id == here, made_by(generator.id)),
    )  # fmt: skip


def made_by(generator_id: object) -> sa.ColumnElement[bool]:
    """Return whether a license came from a generation of that generator, whatever its contract has now."""
    return License.generation_id.in_(sa.select(Generation.id).where(Generation.generator_id == generator_id))


def was_ever_used(generator: Generator) -> bool:
    """Tell whether a contract has the generator, a deleted one included, or a generation was asked of it."""
    here = generator.environment_id
    contract = sa.exists().where(Contract.environment_id == here, Contract.generator_id == generator.id)
    generation = sa.exists().where(Generation.environment_id == here, Generation.generator_id == generator.id)
    return bool(db.session.scalar(sa.select(sa.or_(contract, generation))))


def _count(model: type, *conditions: sa.ColumnElement[bool]) -> int:
    found = sa.select(sa.literal(1)).select_from(model).where(*conditions).limit(COUNT_MOST + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def _counted(noun: str, count: int) -> str:
    number = f"{COUNT_MOST} or more" if count > COUNT_MOST else str(count)
    return f"{number} {noun if count == 1 else noun + 's'}"
