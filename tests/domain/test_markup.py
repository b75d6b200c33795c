import pytest

from monitor.domain.markup import tame


@pytest.mark.parametrize(
    ("text", "active"),
    [
        ("@everyone and @here", "@everyone"),
        ("<!channel> <@U123>", "<!"),
        ("<https://evil.example|all is well>", "<https"),
        ("[all is well](https://evil.example)", "]("),
        ("see https://evil.example/a", "://"),
        ("see evil.example", "evil.example"),
        ("<b>bold</b>", "<b>"),
    ],
)
def test_what_calls_somebody_or_leads_somewhere_no_longer_does(text: str, active: str) -> None:
    assert active not in tame(text)


def test_plain_text_stays_as_it_is() -> None:
    text = "acme/gpt-4.1 is down. From 24 Nov 10:00:00 to 10:07:00 (Europe/Berlin); 3 of 4 failed."

    assert tame(text) == text
