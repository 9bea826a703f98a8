"""Propose mentors from the command line, with the same engine as the nightly run."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from members.services import mentoring
from members.services.matching_world import load_worlds, names_of, regions
from portal.common.scope import scope


class Command(BaseCommand):
    help = "Schlägt Neumitgliedern Mentor:innen vor und zeigt das Ergebnis."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur rechnen, nichts speichern")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope("system:matching"):
            where = regions()
            worlds = list(load_worlds(where, names_of(where)))
            results = [mentoring.solve(world).result for world in worlds]
            if not options["dry_run"]:
                mentoring.run_matching(mentoring.request_run(None, preview=False).pk)
        pairs = [pair for result in results for pair in result.pairs]
        report: dict[str, Any] = {
            "newcomers": sum(len(world.newcomers) for world in worlds),
            "mentors": sum(len(world.mentors) for world in worlds),
            "matched": len(pairs),
            "unmatched": sum(len(result.unmatched) for result in results),
            "score": sum(result.score for result in results),
            "pairs": [
                {
                    "newcomer": str(pair.newcomer),
                    "mentor": str(pair.mentor),
                    "score": pair.score,
                    "parts": pair.parts,
                }
                for pair in pairs
            ],
            "reasons": {
                str(gap.newcomer): gap.text for result in results for gap in result.unmatched
            },
        }
        if options["format"] == "json":
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        self.stdout.write(
            f"{report['matched']} von {report['newcomers']} Neumitgliedern haben einen Vorschlag, "
            f"{report['mentors']} Mentor:innen sind dabei."
        )
        for text in sorted(set(report["reasons"].values())):
            self.stdout.write(f"Ohne Vorschlag: {text}")
