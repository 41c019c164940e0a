"""Lists as files: the rows of one query as CSV or XLSX, safe in a spreadsheet and in bounded memory (SPEC R-2)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, Final, cast

import psycopg
import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from sqlalchemy.dialects.postgresql import TEXT

from shared.db import db, ensure_environment_named
from shared.errors import Busy, TooManyForWorkbook

# A workbook is written as a whole before its first byte can be sent.
WORKBOOK_MOST: Final = 100_000
# A reader on a slow line holds the statement open; past this the file breaks off, and the browser says so.
TIMEOUT_MILLISECONDS: Final = 900_000
CHUNK_BYTES: Final = 65_536
ROWS_AT_ONCE: Final = 1000
# What a spreadsheet reads as a formula, also behind spaces, quotes and control characters (OWASP, CSV injection).
_FORMULA: Final = r"""^[[:space:][:cntrl:]"'`]*[=+@\t\r＝＋－＠-]"""  # noqa: RUF001 - the wide forms count too
_TIME: Final = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'

Columns = Mapping[str, sa.SQLColumnExpression[Any]]


def csv_chunks(*, query: sa.Select[Any], columns: Columns) -> Iterator[bytes]:
    """Yield the rows of ``query`` as CSV in UTF-8, written by PostgreSQL itself; the first chunk has the header.

    ``query`` has FROM, WHERE and ORDER BY; ``columns`` maps each heading to its expression.

    Raises:
        Busy: the database went away or did not answer in time.

    """
    statement, values = _compiled(query, columns)
    copy = f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, HEADER)"
    with _connection() as connection, connection.cursor().copy(copy.encode(), values) as rows:
        yield from _joined(rows)


def workbook(*, query: sa.Select[Any], columns: Columns) -> IO[bytes]:
    """Return a temporary file, at its start, with the rows of ``query`` as a workbook of one sheet.

    Raises:
        TooManyForWorkbook: there are more than WORKBOOK_MOST rows.
        Busy: the database went away or did not answer in time.

    """
    statement, values = _compiled(query.limit(WORKBOOK_MOST + 1), columns)
    with _connection() as connection, connection.cursor(name="export") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(statement.encode(), values)
        return _written(list(columns), cursor)


def _written(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """Write row by row: openpyxl keeps them in a temporary file, not in memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    sheet.freeze_panes = "A2"
    sheet.append(headings)
    for number, row in enumerate(rows, start=1):
        if number > WORKBOOK_MOST:
            sheet.close()
            raise TooManyForWorkbook(most=WORKBOOK_MOST)
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - its reader closes it
    book.save(file)
    file.seek(0)
    return file


def _compiled(query: sa.Select[Any], columns: Columns) -> tuple[str, Mapping[str, Any]]:
    """Return the query with only ``columns``, each as a spreadsheet may hold it, and its parameters."""
    shown = [plain(cast("sa.ColumnElement[Any]", expression)).label(heading) for heading, expression in columns.items()]
    chosen = query.with_only_columns(*shown, maintain_column_froms=True)
    ensure_environment_named(chosen)
    compiled = chosen.compile(dialect=db.engine.dialect, compile_kwargs={"render_postcompile": True})
    return str(compiled), compiled.params


def plain(expression: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return ``expression`` as a cell: numbers as they are, times in ISO 8601 UTC, text that starts no formula."""
    if isinstance(expression.type, sa.DateTime):
        return sa.func.to_char(sa.func.timezone("UTC", expression), _TIME)
    if isinstance(expression.type, sa.Numeric | sa.Integer):
        return sa.type_coerce(expression, expression.type)
    text = sa.cast(expression, TEXT)
    return sa.case((text.regexp_match(_FORMULA), sa.literal("'").concat(text)), else_=text)


@contextmanager
def _connection() -> Iterator[psycopg.Connection[Any]]:
    """Give a connection that is no page's: it may stay open as long as the reader takes, and is then closed."""
    try:
        with db.engine.connect() as connection:
            connection.detach()
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {TIMEOUT_MILLISECONDS}")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    except (psycopg.OperationalError, sa.exc.OperationalError, sa.exc.TimeoutError) as error:
        raise Busy from error


def _joined(rows: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Gather rows into chunks worth sending."""
    chunk = bytearray()
    for row in rows:
        chunk += row
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)
