"""The database as its owner: outside of what the app may do, in one transaction."""

import os

import psycopg2


def as_owner(*statements: str, url: str = "") -> None:
    """Run statements in one transaction; an error undoes all of them."""
    url = url or os.environ["DATABASE_OWNER_URL"].replace("postgres://", "postgresql://", 1)
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()
