"""The whole emergency, step by step; `make drill` plays it large, a test plays it small.

Save, erase people, lose everything, restore, and ask: is anybody back who was erased, is anything
else different, and did the portal stay shut until then? Each step asserts and is timed.
"""

import base64
import contextlib
import hmac
import json
import os
import shutil
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from portal.common.local.files import FileLock, socket_folder
from portal.common.local.valkey import Valkey
from tests.production.browser import Visitor
from tests.production.drill import Drill, drill_server
from tests.production.drill_world import GONE, PASSWORD, canaries
from tests.production.stack import ROOT, collect

TOTP_SECRET = "JBSWY3DPEHPK3PXP"
# A policy that hides rows from everybody but the backup, and a trigger, whatever else there is.
GUARDED = """
    create table guarded (id int primary key, word text);
    insert into guarded select n, 'word ' || n from generate_series(1, 50) n;
    create function nobody() returns boolean language plpgsql stable as
        $$ begin raise exception 'no scope' using errcode = '42501'; end $$;
    create function kept() returns trigger language plpgsql as
        $$ begin raise exception 'append only'; end $$;
    create trigger kept before delete on guarded for each statement execute function kept();
    alter table guarded enable row level security;
    alter table guarded force row level security;
    create policy scoped on guarded using ((select nobody()));
"""
SHUT = "replay_erasures"
LONGEST_REFUSAL = 60


def one_time_code(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@dataclass
class Exercise:
    drill: Drill
    people: int
    seconds: dict[str, float] = field(default_factory=dict)
    login: str = ""

    @contextlib.contextmanager
    def timed(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[step] = time.monotonic() - began

    def play(self) -> str:
        """Everything; returns the report."""
        self._stage()
        with self.timed("sichern"):
            dump = self.drill.dump()
        listed, saved = self.drill.manifest(dump), self.drill.rows()
        erased = self._erase(listed)
        before, catalogue = self.drill.rows(), self.drill.catalogue()
        self.drill.lose()
        self._refuse_what_is_wrong(dump)
        with self.timed("zurückspielen"):
            self._succeed(self.drill.script("zurueckspielen.sh", str(dump)))
        assert self.drill.counts() == listed | {
            "common_restoremark": 1,
            "common_retentionapproval": 0,
        }
        assert self._canaries_found() == len(canaries())
        self._stays_shut()
        self._replay(len(before["members_person"]), erased)
        self._compare(before, saved)
        assert self.drill.changed_since(catalogue) == []
        assert self._canaries_found() == 0
        self._opens_with_second_factor()
        return self._report(sum(listed.values()), erased)

    def _stage(self) -> None:
        built = self._inside("build", str(self.people))
        self.login = str(built["login"])
        with self.drill.sql() as cursor:
            cursor.execute(GUARDED)

    def _inside(self, *words: str) -> dict[str, object]:
        done = self._succeed(self.drill.stack.run("-m", "tests.production.drill_world", *words))
        return json.loads(done.stdout)

    def _succeed(self, done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def _erase(self, listed: dict[str, int]) -> int:
        erased = int(str(self._inside("erase")["erased"]))
        assert erased == sum(GONE.values())
        assert self.drill.counts()["members_person"] == listed["members_person"] - erased
        assert self._canaries_found() == 0
        ledger = self.drill.ledger
        assert ledger.stat().st_mode & 0o777 == 0o600
        assert Counter(line.split()[2] for line in ledger.read_text().splitlines()) == GONE
        return erased

    def _canaries_found(self) -> int:
        """How many of those who went are anywhere in the database, mails and logs included."""
        text = self.drill.plain() + self.drill.stack.logs()
        return sum(name in text for name in canaries())

    def _refuse_what_is_wrong(self, dump: Path) -> None:
        """A key of somebody else and a dump cut off change nothing."""
        other, cut = self.drill.folder / "other", self.drill.folder / dump.name
        other.write_text("o" * 48)
        cut.write_bytes(dump.read_bytes()[:-1000])
        manifest = dump.name.replace(".dump.", ".manifest.")
        shutil.copy(dump.with_name(manifest), self.drill.folder)
        for file, key in ((dump, {"BACKUP_KEY_FILE": str(other)}), (cut, {})):
            refused = self.drill.script("zurueckspielen.sh", str(file), **key)
            assert refused.returncode != 0
            assert "Es wurde nichts geändert" in refused.stderr
        assert self.drill.counts() == {}

    def _stays_shut(self) -> None:
        """Each of the app's processes ends by itself with the one sentence."""
        stack = self.drill.stack
        for service in ("web", "worker", "beat"):
            stack.start(service)
        for service, process in stack.running.items():
            assert process.wait(LONGEST_REFUSAL) != 0, service
            assert SHUT in stack.log(service).read_text(), service
        stack.running.clear()
        health = self.drill.manage("health")
        assert health.returncode == 1
        assert json.loads(health.stdout)["is_restored"] is True

    def _replay(self, people: int, erased: int) -> None:
        """Not without the ledger; with it everybody goes again, and a second time nobody."""
        aside = self.drill.ledger.with_suffix(".aside")
        self.drill.ledger.rename(aside)
        assert "--ledger-is-empty" in self.drill.manage("replay_erasures").stderr
        aside.rename(self.drill.ledger)
        with self.timed("nachspielen"):
            done = self._succeed(self.drill.manage("replay_erasures"))
        assert f"jetzt gelöscht: {erased}." in done.stdout
        assert "jetzt gelöscht: 0." in self._succeed(self.drill.manage("replay_erasures")).stdout

    def _compare(self, before: dict[str, Counter[str]], saved: dict[str, Counter[str]]) -> None:
        """Every row is as it was after the erasure, but for what tells of the restore itself."""
        after = self.drill.rows()
        for name in ("common_restoremark", "common_auditevent"):
            del before[name]
            assert saved[name] <= after.pop(name)
        # Nothing is deleted by rule until two people have said yes again.
        assert before.pop("common_retentionapproval")
        assert not after.pop("common_retentionapproval")
        different = {
            table: (len(before[table] - after[table]), len(after[table] - before[table]))
            for table in before
            if before[table] != after[table]
        }
        assert different == {}
        gone = {table: saved[table].total() - rows.total() for table, rows in before.items()}
        assert gone["members_person"] == sum(GONE.values())

    def _opens_with_second_factor(self) -> None:
        with self.timed("starten"):
            self.drill.stack.start("web")
            self.drill.stack.wait_ready()
        visitor = Visitor(self.drill.stack, session="")
        page = "/konto/anmelden/"
        assert visitor.post(page, page, login=self.login, password=PASSWORD) == 302
        assert visitor.get("/uebersicht/")[0] == 302
        factor = "/konto/zweiter-faktor/eingeben/"
        assert visitor.post(factor, factor, code=one_time_code(TOTP_SECRET)) == 302
        assert visitor.get("/uebersicht/")[0] == 200
        self.drill.stack.stop()

    def _report(self, rows: int, erased: int) -> str:
        steps = ("zurückspielen", "nachspielen", "starten")
        whole = sum(self.seconds[step] for step in steps)
        lines = [
            f"{rows} Zeilen gesichert in {self.seconds['sichern']:.1f} s.",
            f"{erased} Menschen danach gelöscht; nach dem Zurückspielen an 0 Stellen.",
            "0 Zeilen anders; Rollen, Rechte, Zeilenregeln und Auslöser gleich.",
            "Falscher Schlüssel und abgeschnittene Sicherung: abgelehnt. Vor dem Nachspielen: zu.",
            f"Wieder offen nach {whole:.1f} s ("
            + ", ".join(f"{step} {self.seconds[step]:.1f} s" for step in steps)
            + ").",
        ]
        return "\n".join(lines)


def main() -> None:
    """`make drill`: with services of its own below var/drill."""
    folder = ROOT / "var" / "drill"
    with FileLock(folder.with_name("drill.lock")) as lock:
        if not lock.acquire():
            raise SystemExit("Die Übung läuft schon in einem anderen Fenster.")
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "log").mkdir(parents=True, mode=0o700)
        valkey = Valkey(folder, socket_folder(folder, os.getuid()))
        valkey.start()
        try:
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                "DATABASE_URL": "postgres://set/below",
                "REDIS_URL": valkey.url,
                "EMAIL_URL": "smtp://localhost:25",
            }
            with drill_server(folder, folder / "static") as drill:
                collect(drill.stack)
                print(Exercise(drill, int(os.environ.get("PEOPLE", "20000"))).play())
        finally:
            valkey.stop()


if __name__ == "__main__":
    main()
