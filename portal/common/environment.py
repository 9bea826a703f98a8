"""The environment, with secrets from files: `NAME_FILE` is read where `NAME` is not set."""

from collections.abc import Mapping
from pathlib import Path

SUFFIX = "_FILE"


def with_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables, each `NAME_FILE` resolved to its `NAME`; a missing file is an error."""
    values = dict(environ)
    for name, path in environ.items():
        target = name.removesuffix(SUFFIX)
        if name.endswith(SUFFIX) and path and not environ.get(target):
            # Another program's variable of that kind must not stop us, so a missing file is
            # only reported when the setting behind it is needed.
            file = Path(path)
            values[target] = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
    return values
