"""The heartbeat of a settings file: to whom the monitor says that it works."""

from collections.abc import Callable

from pydantic import Field

from monitor.domain.heartbeat import Heartbeat
from monitor.settings.base import Duration, Flag, Shape
from monitor.settings.channels import Address
from monitor.settings.problems import KeyPath

_EVERY_S = (1.0, 86_400.0)


class HeartbeatShape(Shape):
    """A sign of life that is sent while the monitor works, and only then."""

    url: Address = Field(description="Where it is sent, by GET: a check of Healthchecks, say.")
    every: Duration = Field(60.0, description="How often, such as 1m.")
    fail: Flag = Field(
        default=False,
        description="true: trouble is told by a POST to the URL with /fail behind it, as "
        "Healthchecks takes it; else by silence alone.",
    )


def build_heartbeat(
    shape: HeartbeatShape | None, blame: Callable[[KeyPath, str], None]
) -> Heartbeat | None:
    """What the shape of a heartbeat comes to; what is wrong with it is blamed."""
    if shape is None:
        return None
    least_s, most_s = _EVERY_S
    if not least_s <= shape.every <= most_s:
        text = f"every {shape.every:g} s is outside of {least_s:g} s to 1 day; change it"
        blame(("heartbeat", "every"), text)
    if shape.fail and "?" in shape.url.reveal():
        blame(("heartbeat", "fail"), "needs a URL without a query: /fail is put behind it")
    return Heartbeat(shape.url, shape.every, shape.fail)
