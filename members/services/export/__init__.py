"""Everything stored about one person: collected from the field registry, packed as one file."""

from members.services.export.package import File, for_person, own

__all__ = ["File", "for_person", "own"]
