"""Traffic: four fictitious teams and their applications, which use the simulated models.

Each app has its hours, its weekends and its growth; the sizes of its calls are log-normal.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, exp, tau
from operator import attrgetter
from random import Random

from monitor.simulator.attempts import Ask, Record, Verdict, Who, attempt
from monitor.simulator.catalogue import BY_ID, Model
from monitor.simulator.chance import pick_normal
from monitor.simulator.pace import DAY_MS, HOUR_MS
from monitor.simulator.probing import interval_s
from monitor.simulator.span import Span

CACHE_MINIMUM = 1024
CACHE_STEP = 128
NO_USAGE_SHARE = 0.015
REUSED_SHARE = 0.8
CANARY_SHARE = 0.1
RELEASE_DAYS = 14
#: So long ago an app moved to its address of today.
MOVED_DAYS = 12
HOURS = range(24)
_SATURDAY = 5
_EPOCH_WEEKDAY = 3
_MISTAKES = (
    (0.004, Verdict("context_length", 400, "context_length_exceeded")),
    (0.006, Verdict("content_filter", 400, "content_policy_violation")),
)


@dataclass(frozen=True, slots=True)
class App:
    """An application: whose it is, what it asks, and when.

    `calls_per_day` on a workday at the end of the history, `growth` times those at its start.
    `weekend`: the share of them on a Saturday. Token counts are medians. `users` it works for, none
    where it tells none; `formerly` is what it called itself until it moved.
    """

    who: Who
    models: tuple[str, ...]
    calls_per_day: int
    prompt_tokens: int
    completion_tokens: int
    peak_hour: float
    cached_share: float = 0.0
    weekend: float = 0.3
    growth: float = 1.6
    users: int = 0
    formerly: str | None = None


def _by(team: str, project: str, app: str, key: str) -> Who:
    return Who("request", team, project, app, key)


APPS = (
    App(
        _by("search", "site", "answers", "search-prod"),
        ("aurora/aurora-small",),
        calls_per_day=96,
        prompt_tokens=1800,
        completion_tokens=220,
        peak_hour=14,
        cached_share=0.6,
        weekend=0.7,
        growth=2.2,
        users=40,
    ),
    App(
        _by("search", "site", "query-rewrite", "search-prod"),
        ("borealis/boreal-lite",),
        calls_per_day=72,
        prompt_tokens=260,
        completion_tokens=40,
        peak_hour=14,
        weekend=0.7,
        users=40,
    ),
    App(
        _by("support", "helpdesk", "chat-bot", "support-prod"),
        ("aurora/aurora-large",),
        calls_per_day=60,
        prompt_tokens=3200,
        completion_tokens=280,
        peak_hour=10,
        cached_share=0.75,
        weekend=0.5,
        users=25,
        formerly="support-chat",
    ),
    App(
        _by("support", "helpdesk", "ticket-triage", "support-batch"),
        ("cirrus/cirrus-chat",),
        calls_per_day=44,
        prompt_tokens=900,
        completion_tokens=60,
        peak_hour=8,
        growth=1.1,
    ),
    App(
        _by("research", "papers", "reader", "research"),
        ("borealis/boreal-pro",),
        calls_per_day=18,
        prompt_tokens=9000,
        completion_tokens=700,
        peak_hour=16,
        cached_share=0.4,
        weekend=0.15,
        growth=1.3,
        users=8,
    ),
    App(
        _by("research", "agents", "agent-lab", "research"),
        ("cirrus/cirrus-reason", "cirrus/cirrus-reason", "cirrus/cirrus-preview"),
        calls_per_day=28,
        prompt_tokens=2400,
        completion_tokens=350,
        peak_hour=17,
        cached_share=0.3,
        weekend=0.2,
        growth=3.0,
    ),
    App(
        _by("platform", "developer-tools", "code-review", "platform"),
        ("aurora/aurora-large", "borealis/boreal-pro"),
        calls_per_day=34,
        prompt_tokens=5200,
        completion_tokens=420,
        peak_hour=13,
        cached_share=0.5,
        weekend=0.05,
        users=12,
    ),
    App(
        _by("platform", "reports", "nightly-digest", "platform-batch"),
        ("cirrus/cirrus-chat",),
        calls_per_day=24,
        prompt_tokens=2000,
        completion_tokens=500,
        peak_hour=2,
        weekend=1.0,
        growth=1.0,
    ),
)


def use(app: App, span: Span, rng: Random) -> Iterator[Record]:
    """An app's calls that begin in the span, in the order of their ends."""
    pending: list[Record] = []
    people = Random(f"people of {app.who.app}")
    for day in range(span.start_ms // DAY_MS, span.end_ms // DAY_MS + 1):
        pending += (
            attempt(
                model, at_ms, _ask(app, model, rng), _who(app, at_ms, span, people), rng
            )._replace(gap_s=interval_s(at_ms, span))
            for at_ms in _list_starts(app, day, span, rng)
            if (model := _choose(app, at_ms, span, rng))
        )
        pending.sort(key=attrgetter("ended_ms"))
        ready = bisect(pending, (day + 1) * DAY_MS, key=attrgetter("ended_ms"))
        yield from pending[:ready]
        del pending[:ready]
    yield from pending


def _who(app: App, at_ms: int, span: Span, rng: Random) -> Who:
    """Some users call more than others; a release lasts two weeks, and one call in ten tries it."""
    left = (span.end_ms - at_ms) // DAY_MS
    name = app.formerly if app.formerly and left >= MOVED_DAYS else app.who.app
    if not app.users:
        return app.who._replace(app=name)
    number = int(app.users * rng.random() ** 2)
    release = f"r{20 - left // RELEASE_DAYS}"
    stage = "canary" if rng.random() < CANARY_SHARE else "stable"
    user = f"{app.who.team}-{number}"
    return app.who._replace(app=name, user=user, tags=(("release", release), ("stage", stage)))


def _list_starts(app: App, day: int, span: Span, rng: Random) -> Iterator[int]:
    progress = (day * DAY_MS - span.start_ms) / (span.end_ms - span.start_ms)
    is_weekend = (day + _EPOCH_WEEKDAY) % 7 >= _SATURDAY
    calls = app.calls_per_day * app.growth ** (progress - 1) * (app.weekend if is_weekend else 1)
    shape = [_weigh_hour(app, hour) for hour in HOURS]
    for hour in HOURS:
        expected = calls * shape[hour] / sum(shape) * rng.uniform(0.7, 1.3)
        for _ in range(int(expected + rng.random())):
            at_ms = day * DAY_MS + hour * HOUR_MS + rng.randrange(HOUR_MS)
            if span.is_watched(at_ms):
                yield at_ms


def _weigh_hour(app: App, hour: int) -> float:
    return 0.05 + ((1 + cos((hour - app.peak_hour) * tau / 24)) / 2) ** 4


def _choose(app: App, at_ms: int, span: Span, rng: Random) -> Model | None:
    model = BY_ID[rng.choice(app.models)]
    return model if at_ms >= span.since_ms(model.age_days) else None


def _ask(app: App, model: Model, rng: Random) -> Ask:
    prompt_tokens = min(
        round(app.prompt_tokens * exp(0.5 * pick_normal(rng))) + 1, model.context_length // 2
    )
    said = round(app.completion_tokens * exp(0.6 * pick_normal(rng))) + 1
    thought = round(400 * exp(0.7 * pick_normal(rng))) if model.is_reasoning else 0
    is_cached = prompt_tokens >= CACHE_MINIMUM and rng.random() < app.cached_share
    cached_tokens = prompt_tokens * 7 // 8 // CACHE_STEP * CACHE_STEP if is_cached else 0
    return Ask(
        prompt_tokens=prompt_tokens,
        completion_tokens=said + thought,
        cached_tokens=cached_tokens if model.has_cache else 0,
        reasoning_tokens=thought,
        has_usage=rng.random() >= NO_USAGE_SHARE,
        mistake=_blunder(rng.random()),
        is_reused=rng.random() < REUSED_SHARE,
    )


def _blunder(chance: float) -> Verdict | None:
    return next((verdict for limit, verdict in _MISTAKES if chance < limit), None)
