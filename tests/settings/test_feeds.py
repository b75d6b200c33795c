"""Sources of prices in a settings file."""

from pathlib import Path

import pytest

from monitor.domain.feeds import OPENROUTER_URL, Feed, FeedKind, Feeds, Policy
from monitor.settings.load import load
from monitor.settings.problems import SettingsError


def read(folder: Path, text: str) -> Feeds:
    (folder / "inferwatch.yaml").write_text(text, "utf-8")
    return load(folder / "inferwatch.yaml", {}).feeds


def test_nothing_is_asked_unless_it_stands_there(tmp_path: Path) -> None:
    assert read(tmp_path, "zone: UTC") == Feeds()
    assert read(tmp_path, "prices: {every: 2d}").sources == ()


def test_a_feed_is_a_url_or_a_file_beside_the_settings(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "prices:\n  every: 12h\n  accept: within_reason\n  feeds:\n    - kind: openrouter\n"
        "    - {kind: litellm, name: ours, url: 'https://x.example.com/a.json'}\n"
        "    - {kind: genai_prices, file: data.json}\n",
    )

    assert found == Feeds(
        (
            Feed("openrouter", FeedKind.OPENROUTER, OPENROUTER_URL),
            Feed("ours", FeedKind.LITELLM, "https://x.example.com/a.json"),
            Feed("genai_prices", FeedKind.GENAI_PRICES, str(tmp_path / "data.json")),
        ),
        43_200.0,
        Policy.WITHIN_REASON,
    )


@pytest.mark.parametrize(
    ("feeds", "key", "problem"),
    [
        ("[{kind: litellm}]", "feeds[0].url", "is missing; add where its JSON is, or a file"),
        ("[{kind: prices}]", "feeds[0].kind", "is none of 'openrouter'"),
        ("[{url: 'https://x'}]", "feeds[0].kind", "is missing; add it"),
        ("[{kind: litellm, url: x.json}]", "feeds[0].url", "is no http(s) URL;"),
        ("[{kind: litellm, url: 'ftp://x/y'}]", "feeds[0].url", "is no http(s) URL;"),
        ("[{kind: litellm, url: 'https://a:b@x/y'}]", "feeds[0].url", "may be secret; remove it"),
        ("[{kind: litellm, url: 'https://x/y?key=1'}]", "feeds[0].url", "may be secret;"),
        ("[{kind: litellm, url: 'https://x', file: y}]", "feeds[0].file", "keep one"),
        ("[{kind: openrouter, file: y}]", "feeds[0].file", "is not for openrouter;"),
        ("[{kind: openrouter}, {kind: openrouter}]", "feeds[1].name", "is listed twice;"),
        ("[{kind: openrouter, ulr: x}]", "feeds[0].ulr", "did you mean url?"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_remedy(
    tmp_path: Path, feeds: str, key: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, f"prices:\n  feeds: {feeds}\n")

    (told,) = caught.value.problems
    assert told.key == f"prices.{key}"
    assert problem in told.text


@pytest.mark.parametrize("every", ["5m", "31d"])
def test_feeds_are_asked_not_too_often_and_not_too_rarely(tmp_path: Path, every: str) -> None:
    with pytest.raises(SettingsError, match="is outside of 1 hour to 30 days; change it"):
        read(tmp_path, f"prices:\n  every: {every}\n")
