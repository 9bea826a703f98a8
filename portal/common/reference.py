"""Facts an installation starts with, by app; loading them again changes nothing staff changed."""

from collections.abc import Callable

_loaders: list[Callable[[], None]] = []


def register(loader: Callable[[], None]) -> Callable[[], None]:
    _loaders.append(loader)
    return loader


def load() -> None:
    for loader in _loaders:
        loader()
