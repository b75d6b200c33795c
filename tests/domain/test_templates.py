import pytest

from monitor.domain.markup import tame
from monitor.domain.templates import FIELDS, MAX_WORDS, Wording, Words, check, word
from tests.channels.sending import TEST, opened

BODY = "{body}|{links}"


def say(title: str | None = None, body: str | None = None) -> Words:
    return word(opened(), "ops", Wording(title, body), BODY, tame)


def test_without_templates_a_channel_has_its_own_way() -> None:
    message = opened()

    assert say() == Words(message.title, f"{message.body}|{message.links}")


def test_fields_are_put_into_a_template() -> None:
    told = say("[{severity}] {endpoints} at {provider}", "{{{event}}} {number} {channel}: {link}")

    assert told == Words("[critical] acme/small at acme", "{opened} 7 ops: https://watch.example")


def test_what_a_message_does_not_have_is_empty_and_a_title_never_is() -> None:
    told = word(TEST, "ops", Wording("{budget}", "{provider}{calls}."), BODY, tame)

    assert told == Words(TEST.title, ".")


def test_a_title_is_one_line_and_both_have_an_end() -> None:
    told = say("a\nb " + "x" * 99, "{body}" * 99)

    assert (told.title[:4], len(told.title), len(told.body)) == ("a b ", 60, MAX_WORDS)


def test_what_others_wrote_is_made_plain_and_what_the_reader_wrote_stays() -> None:
    told = word(opened(), "ops", Wording(None, "<!here> {title}"), BODY, lambda _: "?")

    assert told.body == "<!here> ?"


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_known_to_every_message(field: str) -> None:
    check(f"{{{field}}}")

    assert word(TEST, "ops", Wording(None, f"x{{{field}}}"), BODY, tame).body.startswith("x")


@pytest.mark.parametrize("template", ["{x}", "{}", "{0}", "{title:>9}", "{title[0]}", "{", "a}"])
def test_what_no_field_has_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="; "):
        check(template)
