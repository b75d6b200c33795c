from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.endpoints import Flavour
from monitor.domain.prices import Rate
from monitor.domain.secrets import Secret
from monitor.settings.load import load
from monitor.settings.model import DEFAULT_WITNESSES, Settings
from monitor.settings.problems import SettingsError

CANARY = "sk-canary-0123456789abcdef"
KEYS = {"OPENAI_API_KEY": CANARY}
OPENAI = """\
zone: Europe/Berlin
providers:
  openai:
    base_url: https://api.openai.com/v1/
    key: ${OPENAI_API_KEY}
    models:
      - {name: gpt-4o-mini, interval: 5m, price: {input: 0.15, output: "0.60"}}
      - gpt-4o-2024-08-06
"""


def read(folder: Path, text: str, variables: dict[str, str] | None = None) -> Settings:
    path = folder / "inferwatch.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, KEYS if variables is None else variables)


def problems_of(folder: Path, text: str, variables: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(folder, text, variables)
    return [str(p).removeprefix(f"{folder}/") for p in caught.value.problems]


def model(fields: str) -> str:
    return (
        "providers:\n  openai:\n    base_url: https://api.openai.com/v1\n    models:\n"
        f"      - {{name: gpt-4o, {fields}}}\n"
    )


def test_an_endpoint_is_named_after_provider_and_model(tmp_path: Path) -> None:
    settings = read(tmp_path, OPENAI)

    assert [e.id for e in settings.endpoints] == [
        "openai/gpt-4o-mini",
        "openai/gpt-4o-2024-08-06",
    ]


def test_models_of_a_provider_share_one_target(tmp_path: Path) -> None:
    settings = read(tmp_path, OPENAI)

    assert {e.target for e in settings.endpoints} == set(settings.targets)
    assert settings.targets[0].base_url == "https://api.openai.com/v1"
    assert settings.targets[0].flavour is Flavour.OPENAI_CHAT


def test_a_reference_is_filled_from_the_environment(tmp_path: Path) -> None:
    settings = read(tmp_path, OPENAI)

    assert settings.targets[0].key == Secret(CANARY)
    assert settings.secrets == (Secret(CANARY),)


def test_settings_do_not_show_a_key(tmp_path: Path) -> None:
    settings = read(tmp_path, OPENAI)

    assert CANARY not in repr(settings)


def test_prices_are_exact(tmp_path: Path) -> None:
    settings = read(tmp_path, OPENAI)
    prices = settings.prices["openai/gpt-4o-mini"]

    assert prices is not None
    assert prices.rates == (Rate("input", 150_000), Rate("output", 600_000))


def test_a_model_without_a_price_has_none(tmp_path: Path) -> None:
    settings = read(tmp_path, OPENAI)

    assert settings.prices["openai/gpt-4o-2024-08-06"] is None


def test_price_zero_makes_every_leaf_free(tmp_path: Path) -> None:
    prices = read(tmp_path, model("price: 0")).prices["openai/gpt-4o"]

    assert prices is not None
    assert {rate.pico_usd for rate in prices.rates} == {0}
    assert {"input", "reasoning", "images"} <= {rate.leaf for rate in prices.rates}


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30s", 30), ("5m", 300), ("1.5 h", 5400), ("1d", 86400), ("90", 90), ("20.5", 20.5)],
)
def test_an_interval_is_a_number_with_a_unit(tmp_path: Path, written: str, seconds: float) -> None:
    settings = read(tmp_path, model(f"interval: {written}"))

    assert settings.endpoints[0].interval_s == seconds


def test_the_day_from_which_a_model_is_no_longer_served_is_a_date(tmp_path: Path) -> None:
    settings = read(tmp_path, model("retires: 2027-01-14"))

    assert settings.endpoints[0].retires_day == date(2027, 1, 14).toordinal()


def test_an_empty_file_has_all_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, "zone: UTC\n")

    assert settings == Settings(
        path=tmp_path / "inferwatch.yaml",
        database_url=f"sqlite:///{tmp_path}/inferwatch.db",
        zone=ZoneInfo("UTC"),
        witnesses=DEFAULT_WITNESSES,
    )


def test_an_empty_list_turns_witnesses_off(tmp_path: Path) -> None:
    assert read(tmp_path, "witnesses: []").witnesses == ()


def test_counting_as_openrouter_does_has_to_be_asked_for(tmp_path: Path) -> None:
    said = [read(tmp_path, text).openrouter_strict for text in ("", "openrouter_strict: true")]

    assert said == [False, True]


def test_the_database_lies_beside_the_settings(tmp_path: Path) -> None:
    settings = read(tmp_path, "database: data/calls.db")

    assert settings.database_url == f"sqlite:///{tmp_path}/data/calls.db"
    assert settings.home == tmp_path


def test_names_by_which_others_ask_are_known_however_they_are_spelt(tmp_path: Path) -> None:
    names = "monitor: {host: '::', allowed_hosts: [Watch.LAN., '[FD00:0::5]', 10.0.0.5]}"
    settings = read(tmp_path, names)

    assert settings.monitor_host == "::"
    assert settings.allowed_hosts == {"watch.lan", "fd00::5", "10.0.0.5"}


def test_the_budget_is_exact(tmp_path: Path) -> None:
    settings = read(tmp_path, "probe_budget_usd_per_day: 0.1")

    assert settings.probe_budget_nano_usd_per_day == int(Decimal("0.1") * 10**9)


HEAD = "providers:\n  openai:\n    base_url: https://api.openai.com/v1\n"
MODEL = "providers.openai.models[0]"
#: What is written, and how its problem begins after the file's name; @ stands for MODEL.
BAD = {
    "zone: Mars/Base": "1: zone: Mars/Base: is no IANA time zone; write it like",
    "zone: ''": "1: zone: is no IANA time zone; write it like",
    "intervall: 5": "1: intervall: 5: unknown key; remove it, or use one of alerts",
    "retension: {}": "1: retension: unknown key; did you mean retention?",
    "demo: maybe": "1: demo: maybe: is neither true nor false; write",
    "ports: [8050]": "1: ports: is no group of keys; write",
    "ports: {monitor: 0}": "1: ports.monitor: 0: is below the least, 1; raise it",
    "ports: {monitor: 80.5}": "1: ports.monitor: 80.5: is no whole number;",
    "ports: {monitor: 8050}": "1: ports.monitor: 8050: port 8050 is given twice",
    "monitor: {host: watch.lan}": "1: monitor.host: watch.lan: is no address to listen on; write",
    "monitor: {host: 0.0.0.0}": "1: monitor.host: 0.0.0.0: other machines reach 0.0.0.0, and what",
    "monitor: {allowed_hosts: ['*']}": "1: monitor.allowed_hosts[0]: *: is no name of a host;",
    "monitor: {allowed_hosts: ['http://a:1']}": "1: monitor.allowed_hosts[0]: http://a:1: is no na",
    "providers: {a: {base_url: 'http://h', models: [{name: b, retires: soon}]}}": (
        "1: providers.a.models[0].retires: soon: is no day; write it like 2027-01-14"
    ),
    "zone: UTC\nzone: UTC": "2: zone: UTC: stands here a second time (first: line 1); keep one",
    "a:\n\tb: 1": "2: a tab is no indentation in YAML; indent with spaces",
    "a: 1\n---\nb: 1": "2: a second document begins; keep one document",
    "- 1": "1: is no group of keys; write",
    "a: \x07": "1: holds characters that no text has; save it as UTF-8",
    "zone: 'UTC": "1: found unexpected end of stream; look at the indentation",
    "providers: &x {a: *x}": "1: providers.a: an alias (*) contains itself;",
    "database: mysql://u:pw@h/d": "1: database: mysql://•••: is no file, and no",
    "witnesses: [dns.google]": "1: witnesses[0]: dns.google: is no host and port;",
    "probe_budget_usd_per_day: -1": "1: probe_budget_usd_per_day: -1: is below zero;",
    "zone: ${NOT A NAME}": "1: zone: ${NOT A NAME}: refers to no variable; write it like",
    "providers: {a b: {base_url: 'http://a'}}": "1: providers.a b: is no name; use",
    "providers: {a: {}}": "1: providers.a.base_url: is missing; add it",
    "providers: {a: {base_url: h}}": "1: providers.a.base_url: h: is no http(s) URL; write it",
    "providers: {a: {base_url: 'http://h:99999'}}": (
        "1: providers.a.base_url: http://h:99999: is no URL; write it like"
    ),
    "providers: {a: {base_url: 'http://u:pw@h/v1'}}": (
        "1: providers.a.base_url: http://•••@h/v1: carries a user name or password; put the key"
    ),
    "providers: {a: {base_url: 'http://h/v1?x=1'}}": (
        "1: providers.a.base_url: http://h/v1?x=1: has a query or fragment; end it before"
    ),
    "providers: {a: {base_url: 'http://h/chat/completions'}}": (
        "1: providers.a.base_url: http://h/chat/completions: names one call; end it before"
    ),
    "providers: {a: {base_url: 'http://h', flavour: grpc}}": (
        "1: providers.a.flavour: grpc: is none of 'openai_chat', 'openai_responses',"
    ),
    "providers: {a: {base_url: 'http://h', reach_interval: 1s}}": (
        "1: providers.a.reach_interval: 1s: provider 'a': 1 s is below the minimum of 15 s;"
    ),
    model("interval: 5s"): (
        "5: @.interval: 5s: endpoint 'openai/gpt-4o': interval 5 s is below the minimum of 15 s; "
        "raise it or set allow_fast: true"
    ),
    model("interval: 500ms, allow_fast: true"): (
        "5: @.interval: 500ms: endpoint 'openai/gpt-4o': interval 0.5 s is below 1 s,"
    ),
    model("interval: 8d"): (
        "5: @.interval: 8d: endpoint 'openai/gpt-4o': interval 691200 s is above the maximum of 7"
    ),
    model("interval: soon"): "5: @.interval: soon: is no duration; write",
    model("intervall: 5m"): "5: @.intervall: 5m: unknown key; did you mean interval?",
    model("output_tokens: 0"): "5: @.output_tokens: 0: is below the least, 1; raise it",
    model("output_tokens: 5000"): "5: @.output_tokens: 5000: is above the most, 4096; lower it",
    model("timeout: 0s"): (
        "5: @.timeout: 0s: endpoint 'openai/gpt-4o': timeout 0 s is outside of 1 to 600 s; change"
    ),
    model("id: a b"): "5: @.id: a b: is no id; use",
    model("price: 5"): "5: @.price: 5: is no price; write 0 where it is free, else",
    model("price: {input: .inf}"): "5: @.price.input: .inf: is not a finite number;",
    model("price: {input: nan}"): "5: @.price.input: nan: is not a finite number;",
    model("price: {input: 9e9}"): "5: @.price.input: 9e9: is more than 1000000 dollars;",
    model("price: {input: cheap}"): "5: @.price.input: cheap: is no number; write",
    model("price: {input: 0.0000001}"): (
        "5: @.price.input: 0.0000001: is finer than a pico-dollar a token; give at most 6"
    ),
    model("price: {images: 0.0000000000001}"): (
        "5: @.price.images: 0.0000000000001: is finer than a pico-dollar; give at most 12"
    ),
    f"{HEAD}    models: 5": "4: providers.openai.models: 5: is no list; write its items below it",
    f"{HEAD}    models: [{{name: on}}]": "4: @.name: on: is no text; put it in quotes",
    f"{HEAD}    models: [a, a]": (
        "4: providers.openai.models[1].name: a: endpoint 'openai/a' is listed twice; remove one,"
    ),
    f"{HEAD}  b:\n    base_url: https://api.openai.com/v1/": (
        "5: providers.b.base_url: https://api.openai.com/v1/: provider 'openai' has the same base"
    ),
}


@pytest.mark.parametrize(("text", "problem"), BAD.items())
def test_a_problem_names_file_line_key_value_and_remedy(
    tmp_path: Path, text: str, problem: str
) -> None:
    problems = problems_of(tmp_path, text)

    assert len(problems) == 1
    assert problems[0].startswith(f"inferwatch.yaml:{problem.replace('@.', f'{MODEL}.', 1)}")


def test_a_fast_interval_can_be_allowed(tmp_path: Path) -> None:
    settings = read(tmp_path, model("interval: 5s, allow_fast: true"))

    assert settings.endpoints[0].interval_s == 5


def test_a_missing_variable_is_named_with_its_line(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, OPENAI, {})

    assert problems[0] == (
        "inferwatch.yaml:5: providers.openai.key: ${OPENAI_API_KEY}: environment variable "
        "OPENAI_API_KEY is not set; export it before the start, or comment this part out"
    )


def test_an_empty_variable_is_told_from_a_missing_one(tmp_path: Path) -> None:
    assert "is empty" in problems_of(tmp_path, OPENAI, {"OPENAI_API_KEY": " "})[0]


def test_a_variable_may_stand_in_a_comment_unset(tmp_path: Path) -> None:
    assert read(tmp_path, "zone: UTC  # ${NOT_SET}\n", {}).zone.key == "UTC"


def test_several_problems_are_told_at_once_by_line(tmp_path: Path) -> None:
    text = f"zon: UTC\n{HEAD}    key: ${{GONE}}\n    models: [{{nam: x}}]\nports: 5\n"
    lines = [problem.split(":")[1] for problem in problems_of(tmp_path, text)]

    assert lines == ["1", "5", "6", "6", "7"]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}    api_key: {CANARY}",
        f"{HEAD}    key: [{CANARY}]",
        f"{HEAD}    key: '{CANARY} x'",
        f"{HEAD}    key: {CANARY}\n    key: {CANARY}",
        f"base_url: {CANARY}",
        f"{CANARY}: x",
        f"providers: {{{CANARY}: 1}}",
        f"providers:\n  a: {{base_url: 'http://u:{CANARY}@h/v1'}}",
        f"key: {CANARY}: {CANARY}",
        f"key: '{CANARY}",
        f"zone: ${{{CANARY}}}",
    ],
)
def test_a_key_in_the_wrong_place_is_not_printed(tmp_path: Path, text: str) -> None:
    assert CANARY not in "\n".join(problems_of(tmp_path, text))


def test_a_key_out_of_the_environment_is_not_printed(tmp_path: Path) -> None:
    text = "zone: ${OPENAI_API_KEY}\nproviders: {a: {base_url: '${OPENAI_API_KEY}'}}"

    assert CANARY not in "\n".join(problems_of(tmp_path, text))


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file; run `inferwatch init`"):
        load(tmp_path / "gone.yaml")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is a folder; name the file in it"):
        load(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inferwatch.yaml").write_bytes("zone: Zürich".encode("latin-1"))

    with pytest.raises(SettingsError, match="is not UTF-8 text; save it as UTF-8"):
        load(tmp_path / "inferwatch.yaml")
