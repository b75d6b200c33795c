"""Notices: what is told once and is over with that, in words for a lock screen.

Each rule of notices has its words in `WORDS`: out of the facts that were known when it was
noticed, the title, the lines of the body, and the path of the page that shows it.
"""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from monitor.domain.alerts import Telling
from monitor.domain.amounts import dollars
from monitor.domain.messages import Fired, Message
from monitor.domain.notice_words import say_anomaly, say_price_change, say_retirement
from monitor.domain.noticed import Noticed, Words
from monitor.domain.phrases import fit, on_one_line, shorten
from monitor.domain.rules import RuleName
from monitor.domain.windows import moment

WORDS: Mapping[str, Callable[[Noticed, ZoneInfo], Words]] = {
    RuleName.SPEND_ANOMALY: say_anomaly,
    RuleName.PRICE_CHANGE: say_price_change,
    RuleName.RETIREMENT: say_retirement,
}


def compose_notice(noticed: Noticed, base: str, zone: ZoneInfo) -> Message:
    """The message of a notice; `base` is where the pages are reached."""
    said = _say(noticed, zone)
    body = shorten("\n".join(said.lines))
    return Message(Telling.FIRED, fit(said.title), body, f"{base}{said.path}", noticed=noticed)


def compose_fired(fired: Fired, link: str) -> Message:
    """The message of a budget whose threshold was met."""
    share = "will not last" if fired.is_projected else f"{fired.percent} % spent"
    first = moment(fired.from_ms, fired.zone).strftime("%d %b %Y")
    last = moment(fired.to_ms - 1, fired.zone).strftime("%d %b %Y")
    spent, amount = dollars(fired.spent_nano_usd), dollars(fired.amount_nano_usd)
    lines = [f"{spent} of {amount} for {on_one_line(fired.scope)}, {first} to {last}."]
    if fired.projected_nano_usd is not None:
        lines.append(f"At this pace it will be {dollars(fired.projected_nano_usd)}.")
    if fired.unknown:
        lines.append(f"The cost of {fired.unknown} of {fired.calls} calls is not known.")
    title = fit(f"Budget {fired.budget}: {share}")
    return Message(Telling.FIRED, title, shorten("\n".join(lines)), link, fired=fired)


def _say(noticed: Noticed, zone: ZoneInfo) -> Words:
    say = WORDS.get(noticed.rule)
    if say is None:  # of a version that came later
        return Words(f"{noticed.subject}: {noticed.rule.replace('_', ' ')}", ())
    return say(noticed, zone)
