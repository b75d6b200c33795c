from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import AlertKind, Severity
from monitor.domain.channels import Hook, Mailbox, Pace, Security, Service
from monitor.domain.digests import Schedule
from monitor.domain.escalation import Escalation, Reminders
from monitor.domain.routes import Alerting, Hours, Route
from monitor.domain.secrets import Secret
from monitor.domain.templates import Wording
from monitor.domain.windows import HOUR_MS
from monitor.settings.load import load
from monitor.settings.problems import SettingsError

HEAD = "zone: Europe/Berlin\nproviders: {acme: {base_url: 'http://acme.test', models: [small]}}\n"
URL = "https://hooks.example.com/services/T0KEN"
SECRET = "0123456789abcdef"
HOOK = f"webhook: {URL}, secret: {SECRET}"
BERLIN = ZoneInfo("Europe/Berlin")


def read(folder: Path, alerts: str) -> Alerting:
    path = folder / "inferwatch.yaml"
    path.write_text(f"{HEAD}alerts: {{{alerts}}}\n")
    return load(path).alerts


def test_a_channel_is_all_that_is_needed(tmp_path: Path) -> None:
    found = read(tmp_path, f"channels: {{ops: {{{HOOK}}}}}")
    [channel] = found.channels

    assert (channel.name, channel.way) == ("ops", Hook(Secret(URL), Secret(SECRET)))
    assert (found.routes, found.quiet, found.link) == ((), None, "")


def test_without_a_link_messages_lead_to_the_pages_here(tmp_path: Path) -> None:
    read(tmp_path, f"channels: {{ops: {{{HOOK}}}}}")

    assert load(tmp_path / "inferwatch.yaml").link == "http://127.0.0.1:8050"


STEPS = f"channels: {{ops: {{{HOOK}}}, boss: {{{HOOK}}}}}, escalate: [{{after: 15m, to: [boss]}}]"


def test_reminders_are_on_and_escalation_is_as_it_is_written(tmp_path: Path) -> None:
    found = read(tmp_path, STEPS)

    assert found.reminders == Reminders(3_600_000, 6)
    assert found.escalate == (Escalation(900_000, ("boss",)),)
    assert read(tmp_path, "reminders: {most: 0}").reminders is None


def test_a_route_names_teams_patterns_weekdays_and_whom_it_escalates_to(tmp_path: Path) -> None:
    route = (
        "to: [ops], teams: [search], endpoints: ['acme/*'], models: ['acme/s*'], stop: true, "
        "hours: {from: '0:00', to: '0:00', every: [saturday, sunday]}, "
        "escalate: [{after: 1h, to: [ops]}], digest: {at: '8:00', every: monday, empty: true}"
    )
    [found] = read(tmp_path, f"channels: {{ops: {{{HOOK}}}}}, routes: [{{{route}}}]").routes

    assert found == Route(
        ("ops",),
        hours=Hours(time(0), time(0), BERLIN, frozenset({5, 6})),
        teams=frozenset({"search"}),
        endpoints=("acme/*",),
        models=("acme/s*",),
        escalate=(Escalation(3_600_000, ("ops",)),),
        is_last=True,
        digest=Schedule(time(8), frozenset({0}), BERLIN, with_empty=True),
    )


@pytest.mark.parametrize(
    ("alerts", "why"),
    [
        ("reminders: {every: 1m}", "is more often than every five minutes"),
        ("escalate: [{after: 15m, to: [boss]}]", "'boss' is not in this file"),
        ("escalate: [{after: 15m, to: []}]", "names no channel"),
        (STEPS.replace("15m", "5s"), "is sooner than a minute"),
        ("escalate: [{after: 15m, too: [boss]}]", "too"),
    ],
)
def test_steps_that_cannot_be_meant_are_refused(tmp_path: Path, alerts: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        read(tmp_path, alerts)


def test_without_a_channel_nobody_is_told(tmp_path: Path) -> None:
    assert read(tmp_path, "").channels == ()


def test_routes_and_quiet_hours_are_of_the_home_zone(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"link: 'https://watch.example/', quiet: {{from: '22:00', to: '7:30'}}, "
        f"channels: {{ops: {{{HOOK}}}}}, routes: [{{to: [ops], severity: critical, "
        "kinds: [availability], providers: [acme], hours: {from: '8:00', to: '18:00', zone: UTC}}]",
    )

    assert found.quiet == Hours(time(22), time(7, 30), BERLIN)
    assert found.link == "https://watch.example"
    assert found.routes == (
        Route(
            ("ops",),
            Severity.CRITICAL,
            frozenset({AlertKind.AVAILABILITY}),
            frozenset({"acme"}),
            Hours(time(8), time(18), ZoneInfo("UTC")),
        ),
    )


def test_what_is_shown_of_a_channel_is_where_it_leads_and_nothing_else(tmp_path: Path) -> None:
    [channel] = read(tmp_path, f"channels: {{ops: {{{HOOK}}}}}").channels

    assert channel.shown == "https://hooks.example.com/•••"
    assert "T0KEN" not in repr(channel)
    assert SECRET not in repr(channel)


def test_addresses_and_secrets_are_kept_out_of_all_texts(tmp_path: Path) -> None:
    read(tmp_path, f"channels: {{ops: {{{HOOK}}}}}")
    settings = load(tmp_path / "inferwatch.yaml")

    assert {each.reveal() for each in settings.secrets} == {URL, SECRET}


OPEN = "to: [a@b.c], user: x, password: T0KEN, security: none"
MAIL = "from: watch@example.com, host: smtp.example.com"


def test_a_service_is_named_by_its_url_and_shown_by_its_kind(tmp_path: Path) -> None:
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops"
    [channel] = read(tmp_path, f"channels: {{ops: {{apprise: '{url}'}}}}").channels

    assert (channel.way, channel.shown) == (Service(Secret(url)), "slack://•••")
    assert "TIiajkd" not in repr(channel)


def test_mail_goes_by_starttls_where_nothing_else_is_said(tmp_path: Path) -> None:
    [channel] = read(
        tmp_path,
        f"channels: {{ops: {{email: {{to: [a@example.com, b@example.com], {MAIL}, "
        "user: watch, password: 'abcd efgh'}}}",
    ).channels
    settings = load(tmp_path / "inferwatch.yaml")

    assert channel.way == Mailbox(
        "smtp.example.com",
        587,
        Security.STARTTLS,
        "watch@example.com",
        ("a@example.com", "b@example.com"),
        "watch",
        Secret("abcd efgh"),
    )
    assert channel.shown == "a@example.com and 1 more by smtp.example.com"
    assert settings.secrets == (Secret("abcd efgh"),)


def test_a_channel_has_its_own_templates_or_those_of_all(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"templates: {{title: 'all: {{title}}', body: '{{body}}'}}, channels: {{ops: {{{HOOK}, "
        f"templates: {{title: 'own: {{title}}'}}}}, spare: {{{HOOK}}}}}",
    )

    assert [each.wording for each in found.channels] == [
        Wording("own: {title}", "{body}"),
        Wording("all: {title}", "{body}"),
    ]


def test_limits_and_fallbacks_are_of_a_channel_or_of_all(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"fallback: spare, channels: {{ops: {{{HOOK}, limit: 20/h, fallback: chat}}, "
        f"chat: {{apprise: 'ntfy://h/t'}}, spare: {{{HOOK}}}}}",
    )

    assert [each.pace for each in found.channels] == [Pace(20, HOUR_MS), Pace(30, HOUR_MS), None]
    assert [found.fallback_of(name) for name in ("ops", "chat", "spare", "gone")] == [
        "chat",
        "spare",
        None,
        "spare",
    ]


@pytest.mark.parametrize(
    ("alerts", "problem"),
    [
        (
            "channels: {ops: {secret: 0123456789abcdef}}",
            "ops: leads nowhere; give it one of webhook, apprise and email",
        ),
        (f"channels: {{ops: {{webhook: '{URL}'}}}}", "secret: is missing; add it"),
        (
            f"channels: {{ops: {{{HOOK}, apprise: 'ntfy://T0KEN'}}}}",
            "has webhook and apprise; give",
        ),
        ("channels: {ops: {apprise: 'ntfy://T0KEN', secret: 0123456789abcdef}}", "webhooks alone"),
        ("templates: {title: '{titel}'}", "{titel} is no field; these are: title, body, link"),
        ("templates: {title: '{title!r}'}", "{title} is no field; these are: title, body"),
        ("templates: {title: '{title.x}'}", "{title.x} is no field; these are: title, body"),
        ("templates: {body: 'a } b'}", "has a brace that stands alone; write {{ or }} for one"),
        ("templates: {body: ''}", "is no text; write it like"),
        ("templates: {titel: x}", "unknown key; did you mean title?"),
        (f"channels: {{ops: {{{HOOK}, templates: {{x: y}}}}}}", "use one of body, title"),
        (f"channels: {{ops: {{{HOOK}, limit: 20}}}}", "is no limit; write a number of messages"),
        (f"channels: {{ops: {{{HOOK}, limit: 0/h}}}}", "is no limit; write a number of messages"),
        (f"channels: {{ops: {{{HOOK}, fallback: ops}}}}", "is this channel itself; name another"),
        (f"channels: {{ops: {{{HOOK}, fallback: x}}}}", "'x' is not in this file; these are: ops"),
        (
            f"channels: {{ops: {{{HOOK}}}}}, fallback: x",
            "alerts.fallback: x: 'x' is not in this file",
        ),
        ("channels: {ops: {apprise: T0KEN}}", "is no Apprise URL; write it like"),
        ("channels: {ops: {apprise: 'nothing://T0KEN'}}", "names no service that Apprise knows"),
        ("channels: {ops: {apprise: 'slack://T0KEN'}}", "is no URL of Apprise's slack; look up"),
        ("channels: {ops: {apprise: 'mqtt://T0KEN/x'}}", "needs what Apprise's mqtt needs"),
        ("channels: {ops: {apprise: 'syslog://T0KEN'}}", "works on this machine alone"),
        ("channels: {ops: {apprise: 'ntfy://h/T0KEN?attach=/etc/passwd'}}", "read files (attach)"),
        (
            "channels: {ops: {apprise: 'discord://1/T0KEN?template=/etc/x'}}",
            "read files (template)",
        ),
        (f"channels: {{ops: {{email: {{to: [], {MAIL}}}}}}}", "email.to: names nobody; add an"),
        (f"channels: {{ops: {{email: {{to: ['A <a@b.c>'], {MAIL}}}}}}}", "is no mail address"),
        (
            f"channels: {{ops: {{email: {{to: [a@b.c], {MAIL}, user: x}}}}}}",
            "email.password: is missing",
        ),
        (
            f"channels: {{ops: {{email: {{{OPEN}, {MAIL}}}}}}}",
            "none would show the password to the",
        ),
        ("channels: {ops: {webhook: ftp://h/T0KEN, secret: 0123456789abcdef}}", "is no http"),
        ("channels: {ops: {webhook: 'https://u:T0KEN@h/', secret: 0123456789abcdef}}", "user name"),
        ("channels: {ops: {webhook: 'https://h:x/T0KEN', secret: 0123456789abcdef}}", "is no http"),
        ("channels: {ops: {webhook: [T0KEN], secret: 0123456789abcdef}}", "is no http"),
        (f"channels: {{ops: {{webhook: '{URL}', secret: T0KEN}}}}", "shorter than 16"),
        (f"channels: {{'a b': {{{HOOK}}}}}", "is no name"),
        (
            f"channels: {{ops: {{{HOOK}, x: 1}}}}",
            "unknown key; remove it, or use one of apprise, email, fallback",
        ),
        ("routes: [{to: [ops]}]", "'ops' is not in this file; these are: none"),
        ("routes: [{to: []}]", "names no channel; add one"),
        (f"channels: {{ops: {{{HOOK}}}}}, routes: [{{to: [ops], providers: [x]}}]", "are: acme"),
        (f"channels: {{ops: {{{HOOK}}}}}, routes: [{{to: [ops], severity: loud}}]", "is none of"),
        ("quiet: {from: '22:00'}", "to: is missing; add it"),
        ("quiet: {from: '25:00', to: '7:00'}", "is no time of day"),
        ("chanels: {}", "did you mean channels?"),
    ],
)
def test_what_is_wrong_is_told_without_what_is_secret(
    tmp_path: Path, alerts: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as told:
        read(tmp_path, alerts)

    assert problem in str(told.value)
    assert "T0KEN" not in str(told.value)
