import re
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.alerts import Severity
from monitor.domain.rule_parameters import Burn, Share, Slow
from monitor.domain.rules import DEFAULTS, AlertRule, Reach, RuleName, Ruleset
from monitor.settings.load import load
from monitor.settings.problems import SettingsError

HEAD = "zone: UTC\nproviders: {openai: {base_url: 'http://acme.test', models: [small]}}\n"
DOCS = Path(__file__).parents[2] / "docs" / "alerts.md"


def read(folder: Path, rules: str) -> Ruleset:
    path = folder / "inferwatch.yaml"
    path.write_text(f"{HEAD}alerts: {{rules: {{{rules}}}}}\n")
    return Ruleset.of(load(path).rules)


def test_without_a_word_all_rules_are_on_with_their_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Ruleset(DEFAULTS)
    assert all(rule.is_on for rule in DEFAULTS.values())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (
            "down: {enabled: false, severity: warning}",
            AlertRule(RuleName.DOWN, DEFAULTS[RuleName.DOWN].parameters, Severity.WARNING, False),  # noqa: FBT003 -- off
        ),
        (
            (
                "errors: {percent: 20%, close_percent: 2, window: 1h, least_calls: 7, "
                "providers: [openai]}"
            ),
            AlertRule(
                RuleName.ERRORS,
                Share(20, 2, 60, 7),
                Severity.WARNING,
                reach=Reach(frozenset({"openai"})),
            ),
        ),
        (
            "degraded: {hold: 30m, close: 2m, endpoints: [openai/small]}",
            AlertRule(
                RuleName.DEGRADED,
                Slow(30, 2),
                Severity.WARNING,
                reach=Reach(endpoints=frozenset({"openai/small"})),
            ),
        ),
        (
            "slow_burn: {objective: 99.95%, factor: 1.5, window: 7d, short_window: 12h}",
            AlertRule(RuleName.SLOW_BURN, Burn(15, 10_080, 720, 99_950), Severity.WARNING),
        ),
        (
            "burn: {objective: 99}",
            AlertRule(RuleName.BURN, Burn(60, 360, 30, 99_000), Severity.WARNING),
        ),
    ],
)
def test_a_rule_is_what_is_written_and_else_as_it_was(
    tmp_path: Path, text: str, rule: AlertRule[Any]
) -> None:
    assert read(tmp_path, text)[rule.name] == rule


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("dwon: {}", "did you mean down?"),
        ("down: {percent: 3}", "unknown key; remove it, or use one of"),
        ("errors: {percent: 101}", "is no percent; write a whole number from 0 to 100"),
        ("errors: {percent: 5}", "close_percent: is not below percent (5); lower it"),
        ("errors: {window: 90s}", "window: 90s: is no whole number of minutes up to 1 d"),
        ("errors: {window: 25h}", "is no whole number of minutes up to 1 d"),
        ("errors: {least_calls: 0}", "least_calls: 0: is below 1; raise it"),
        ("degraded: {hold: 0}", "is no whole number of minutes up to 1 d; write one, like 15m"),
        ("burn: {objective: 100}", "is no objective; write a percent below 100, like 99.5"),
        ("burn: {objective: 99.9999}", "is no objective"),
        ("burn: {factor: 0.5}", "is no factor; write 1 or more"),
        ("burn: {window: 1h, short_window: 1h}", "is not shorter than window; shorten it"),
        ("burn: {short_window: 7h}", "is not shorter than window; shorten it"),
        ("down: {providers: [x]}", "'x' is not in this file; these are: openai"),
        ("down: {endpoints: [x]}", "'x' is not in this file; these are: openai/small"),
        ("down: {severity: loud}", "is none of"),
    ],
)
def test_what_is_wrong_names_its_place_and_what_to_do(
    tmp_path: Path, rules: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as told:
        read(tmp_path, rules)

    assert problem in str(told.value)


def test_the_rules_of_the_docs_are_settings(tmp_path: Path) -> None:
    (example,) = re.findall(
        r"```yaml\n(alerts:\n  rules:\n.*?)```", DOCS.read_text("utf-8"), re.DOTALL
    )
    (tmp_path / "inferwatch.yaml").write_text(HEAD + example)
    rules = Ruleset.of(load(tmp_path / "inferwatch.yaml").rules)

    assert rules[RuleName.ERRORS].parameters == Share(20, 10, 30)
    assert rules[RuleName.SLOW_BURN].severity is Severity.CRITICAL
    assert not rules[RuleName.DEGRADED].is_on


def test_every_rule_stands_in_the_docs() -> None:
    text = DOCS.read_text("utf-8")

    assert [name for name in RuleName if f"| `{name}` |" not in text] == []
