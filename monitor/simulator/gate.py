"""Gate: what is checked of a request before a model sees it: provider, key, wished fault."""

from starlette.requests import Request

from monitor.simulator.catalogue import KEY_PREFIX, KEY_WITHOUT_CREDIT, PROVIDERS, Provider
from monitor.simulator.faults import Fault, FaultKind
from monitor.simulator.flavours import FLAVOURS
from monitor.simulator.refusals import Reason, RefusalError, refuse, refuse_body, refuse_key

FORCED_SLOWDOWN = 8.0


def admit(request: Request, provider: Provider) -> None:
    """Raises `RefusalError` unless the key is good, and has credit for what costs."""
    key = FLAVOURS[provider.style].read_key(request.headers)
    if not key:
        raise RefusalError(refuse(Reason.NO_KEY))
    if not key.startswith(KEY_PREFIX):
        raise RefusalError(refuse_key(key))
    if key == KEY_WITHOUT_CREDIT and request.method == "POST":
        raise RefusalError(refuse(Reason.NO_CREDIT))


def find_provider(name: str) -> Provider:
    """The provider of that name; raises `RefusalError` (400)."""
    if name not in PROVIDERS:
        raise RefusalError(refuse_body(f"no provider {name!r}; there are {', '.join(PROVIDERS)}"))
    return PROVIDERS[name]


def name_fault(name: str | None) -> Fault | None:
    """The fault of that name; `None` and "none" mean health; raises `RefusalError` (400)."""
    if name is None or name == "none":
        return None
    if name not in set(FaultKind):
        raise RefusalError(
            refuse_body(f"no fault {name!r}; there are none, {', '.join(FaultKind)}")
        )
    return Fault(FaultKind(name), FORCED_SLOWDOWN if name == FaultKind.SLOW else 1.0)
