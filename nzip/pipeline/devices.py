"""Where networks are evaluated: by the engines, or by torch on devices. The bytes never depend on it."""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from nzip import _native
from nzip.errors import NzipError
from nzip.messages import reason_for

if TYPE_CHECKING:
    from nzip.models.network import Network
    from nzip.models.store import Loaded
    from nzip.models.torch_server import TorchServer

CPU = "cpu"
AUTO = "auto"
FORMS = "cpu, torch:cpu, cuda, cuda:0,1, auto"

_CUDA = re.compile(r"cuda(?::(\d{1,3}(?:,\d{1,3})*))?")

Devices = tuple[str, ...]  # torch's names; none: the engines evaluate their networks themselves

_servers: dict[tuple[str, str], TorchServer] = {}  # by the network's id and the device
_lock = Lock()
_turns = count()


@atexit.register
def close_servers() -> None:
    """A thread that came back to the interpreter while that goes down would abort the process."""
    for server in _servers.values():
        server.close()
    _servers.clear()


def find_devices(name: str) -> Devices:
    """The devices that a user names. ValueError where that is no name, NzipError where they are not here."""
    if name == CPU:
        return ()
    if name == AUTO:
        return _all_gpus()
    cuda = _CUDA.fullmatch(name)
    if cuda is None and name != "torch:cpu":
        raise ValueError(f"device {name!r} is not one of {FORMS}")
    try:
        import torch
    except ImportError:
        raise NzipError(f"device {name} needs torch: pip install 'nzip[gpu]'") from None
    if cuda is None:
        return (CPU,)
    numbers = sorted({int(number) for number in (cuda[1] or "0").split(",")})
    for number in numbers:
        if number >= torch.cuda.device_count():
            raise NzipError(f"device cuda:{number} is not here; torch sees {torch.cuda.device_count()}")
    return tuple(f"cuda:{number}" for number in numbers)


def _all_gpus() -> Devices:
    try:
        import torch
    except ImportError:
        return ()
    return tuple(f"cuda:{number}" for number in range(torch.cuda.device_count()))


def exchange_for(network: Loaded[Network], devices: Devices) -> _native.Exchange:
    """Where an engine asks for the network's predictions; engines take the devices in turn."""
    device = devices[next(_turns) % len(devices)]
    with _lock:
        server = _servers.get((network.id, device))
        if server is None:
            from nzip.models.torch_server import TorchServer

            try:
                server = TorchServer(network.value.model, device)
            except RuntimeError as error:
                raise NzipError(f"device {device} cannot hold the network: {reason_for(error)}") from None
            _servers[network.id, device] = server
    return server.exchange


@contextmanager
def device_errors() -> Iterator[None]:
    """What goes wrong on a device, as an error of the block that is coded."""
    try:
        yield
    except _native.RefusedError as error:
        raise NzipError(f"the device gave up: {error}") from None
