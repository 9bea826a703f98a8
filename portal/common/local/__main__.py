"""python -m portal.common.local demo | manage -- … | env | reset"""

import argparse
import os
import sys

from portal.common.local.commands import print_environment, reset, run_manage
from portal.common.local.errors import LocalError
from portal.common.local.project import Project
from portal.common.local.supervisor import Supervisor

DEFAULT_PORT = 8000


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m portal.common.local")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="die ganze Demo starten")
    demo.add_argument("--reset", action="store_true", help="vorher alle Demo-Daten löschen")
    demo.add_argument("--port", type=int, default=DEFAULT_PORT)
    manage = commands.add_parser("manage", help="manage.py mit den Diensten der Demo")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    commands.add_parser("env", help="Umgebung der laufenden Demo für die Shell")
    commands.add_parser("reset", help="alle Demo-Daten löschen")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace, project: Project) -> int:
    if options.command == "demo":
        return Supervisor(project, options.port).run(reset=options.reset)
    if options.command == "manage":
        words: list[str] = options.arguments
        return run_manage(project, words[1:] if words[:1] == ["--"] else words, os.environ)
    if options.command == "env":
        return print_environment(project)
    return reset(project)


def main(arguments: list[str], project: Project | None = None) -> int:
    try:
        return run(parse(arguments), project or Project())
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except PermissionError as error:
        print(
            f"Kein Zugriff auf {error.filename}. Wurde die Demo vorher unter einem anderen "
            "Benutzerkonto gestartet, etwa als root?",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
