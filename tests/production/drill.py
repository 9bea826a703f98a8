"""A server as production has it, with its roles and backup scripts, to be lost and restored."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from portal.common.local.files import socket_folder
from portal.common.local.installation import Installation, find_installation
from portal.common.local.postgres import APP, BACKUP, OWNER, SUPERUSER, Postgres
from tests.production.stack import ROOT, Stack

PASSWORD = "a-password-of-the-drill"
TABLES = "select tablename from pg_tables where schemaname = 'public' order by 1"
# What a restore may leave different from the moment before the loss: the doors it closes, and what
# erasing once more writes once more.
CLOSED = {
    "members_pastmembership": ("id",),
    "common_consent": ("withdrawn_at",),
    "members_onetimecode": ("expires_at",),
    "members_invitation": ("revoked_at",),
    "common_outgoingmail": ("state", "lease_until", "reason"),
}
# Everything that says who may do what, and what the database keeps by itself.
CATALOGUE = {
    "roles": """
        select rolname, rolsuper, rolcreatedb, rolcreaterole, rolcanlogin, rolbypassrls, rolconfig,
               array(select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid
                      where m.member = r.oid order by 1)
          from pg_roles r where rolname like 'portal%' order by 1""",
    "grants": """
        select relname, relkind, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity,
               array(select pg_get_userbyid(grantee) || ' ' || privilege_type
                       from aclexplode(relacl) order by 1)
          from pg_class where relnamespace = 'public'::regnamespace order by 1, 2""",
    "schema": """
        select pg_get_userbyid(nspowner), array(select grantee::regrole || ' ' || privilege_type
               from aclexplode(nspacl) where grantee <> nspowner order by 1)
          from pg_namespace where nspname = 'public'""",
    "defaults": """
        select defaclobjtype, array(select pg_get_userbyid(grantee) || ' ' || privilege_type
               from aclexplode(defaclacl) order by 1)
          from pg_default_acl where defaclnamespace = 'public'::regnamespace order by 1""",
    "policies": "select * from pg_policies order by tablename, policyname",
    "triggers": """
        select pg_get_triggerdef(oid), tgenabled from pg_trigger
         where not tgisinternal order by 1""",
    "functions": """
        select pg_get_functiondef(oid),
               array(select grantee::regrole || ' ' || privilege_type
                       from aclexplode(proacl) order by 1)
          from pg_proc where pronamespace = 'public'::regnamespace order by 1""",
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
          from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2""",
    "indexes": "select indexdef from pg_indexes where schemaname = 'public' order by 1",
}


# PostgreSQL writes `state IN (…)` down with its casts in other places once it was restored.
CASTS = re.compile(r"::(character varying|text)(\[\])?|[()]")


def same_words(value: object) -> object:
    return CASTS.sub("", value) if isinstance(value, str) else value


class Bare(Postgres):
    """A cluster as the image leaves it: a superuser and nothing of ours."""

    def _ensure_database(self) -> None:
        """Made by betrieb/rollen.sh instead."""


class Drill:
    """One server, its roles made by our script, and the folder of the backups."""

    def __init__(
        self, folder: Path, postgres: Postgres, installation: Installation, static: Path | None
    ) -> None:
        self.folder, self.postgres = folder, postgres
        self.bin = Path(installation.program("psql")).parent
        self.backups = folder / "sicherungen"
        self.backups.mkdir()
        self.ledger = folder / "loeschliste" / "geloescht.txt"
        self.ledger.parent.mkdir(mode=0o700)
        for name in ("db_owner_password", "db_app_password", "db_backup_password"):
            (folder / name).write_text(PASSWORD)
        (folder / "key").write_text("k" * 48)
        self.gpg_home = folder / "gpg"
        self.gpg_home.mkdir(mode=0o700)
        changes = {"ERASURE_LEDGER": str(self.ledger), "DATABASE_URL": self.url(APP)}
        self.stack = Stack(folder, changes, static_folder=static)

    def url(self, role: str) -> str:
        return f"postgres://{role}:{PASSWORD}@/portal?host={self.postgres.folder}"

    def environment(self, role: str = BACKUP) -> dict[str, str]:
        return {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PGHOST": str(self.postgres.folder),
            "PGUSER": role,
            "PGDATABASE": "portal",
            "PGPASSWORD_FILE": str(self.folder / "db_owner_password"),
            "BACKUP_DIR": str(self.backups),
            "BACKUP_KEY_FILE": str(self.folder / "key"),
            "BACKUP_KEEP": "3",
        }

    def script(self, name: str, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        role = BACKUP if name == "sichern.sh" else OWNER
        return subprocess.run(
            ["bash", str(ROOT / "betrieb" / name), *words],
            env=self.environment(role) | changes,
            capture_output=True,
            text=True,
            check=False,
        )

    def manage(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return self.stack.run("manage.py", *words, **settings)

    @contextmanager
    def sql(self, role: str = OWNER) -> Iterator[psycopg2.extensions.cursor]:
        opened = psycopg2.connect(self.url(role))
        opened.autocommit = True
        try:
            yield opened.cursor()
        finally:
            opened.close()

    def ask(self, statement: str, role: str = BACKUP) -> list[tuple]:
        with self.sql(role) as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def tables(self) -> list[str]:
        return [name for (name,) in self.ask(TABLES)]

    def counts(self) -> dict[str, int]:
        return {name: self.ask(f'select count(*) from "{name}"')[0][0] for name in self.tables()}

    def rows(self) -> dict[str, Counter[str]]:
        """A hash of every row, without the columns that a restore closes."""
        found = {}
        for table in self.tables():
            row = " - ".join(["to_jsonb(t)", *(f"'{name}'" for name in CLOSED.get(table, ()))])
            hashes = self.ask(f'select md5(({row})::text) from "{table}" t')
            found[table] = Counter(value for (value,) in hashes)
        return found

    def catalogue(self) -> dict[str, list[tuple]]:
        return {
            part: [tuple(map(same_words, row)) for row in self.ask(question)]
            for part, question in CATALOGUE.items()
        }

    def changed_since(self, before: dict[str, list[tuple]]) -> list[str]:
        """What of the catalogue is not as it was, readable in a failed test."""
        now = self.catalogue()
        return [
            f"{part} {sign} {row}"
            for part in CATALOGUE
            for sign, ours, theirs in (("-", before, now), ("+", now, before))
            for row in ours[part]
            if row not in theirs[part]
        ]

    def dumps(self) -> list[str]:
        return sorted(path.name for path in self.backups.glob("*.dump.gpg"))

    def dump(self) -> Path:
        done = self.script("sichern.sh", "jetzt")
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    def manifest(self, dump: Path) -> dict[str, int]:
        """The rows per table as they were counted when the dump was made."""
        listed = str(dump).replace(".dump.gpg", ".manifest.gpg")
        lines = self.gpg("--decrypt", listed).decode().splitlines()[1:]
        return {table: int(count) for table, count in (line.split("\t") for line in lines)}

    def encrypt(self, content: bytes, target: Path) -> None:
        self.gpg("--symmetric", "--output", str(target), content=content)

    def gpg(self, *words: str, content: bytes = b"") -> bytes:
        options = ("--batch", "--quiet", "--no-symkey-cache", "--pinentry-mode", "loopback")
        key = ("--passphrase-file", str(self.folder / "key"))
        home = {"GNUPGHOME": str(self.gpg_home)}
        return subprocess.run(
            ["gpg", *options, *key, *words],
            env=self.environment() | home,
            input=content,
            capture_output=True,
            check=True,
        ).stdout

    def lose(self) -> None:
        with self.sql() as cursor:
            cursor.execute("drop schema public cascade")
            cursor.execute("create schema public")

    def plain(self) -> str:
        """Everything in the database as text."""
        words = [str(self.bin / "pg_dump"), "--dbname", self.url(BACKUP)]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout


@contextmanager
def drill_server(folder: Path, static: Path | None = None) -> Iterator[Drill]:
    """An empty, migrated production database in a cluster of its own."""
    (folder / "log").mkdir(exist_ok=True)
    installation = find_installation(folder / "copy")
    sockets = socket_folder(folder, installation.uid)
    postgres = Bare(folder, sockets, installation, durable=False)
    try:
        postgres.start()
        made = Drill(folder, postgres, installation, static)
        superuser = {"PGUSER": SUPERUSER, "PGPASSWORD": postgres._password(SUPERUSER)}
        roles = made.script("rollen.sh", SECRETS_DIR=str(folder), **superuser)
        assert roles.returncode == 0, roles.stderr
        for words, role in ((("migrate", "-v0"), OWNER), (("load_reference",), APP)):
            done = made.manage(*words, DATABASE_URL=made.url(role))
            assert done.returncode == 0, done.stderr
        try:
            yield made
        finally:
            made.stack.stop()
    finally:
        postgres.stop()
        installation.remove()
