import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.settings.draft import Draft, DraftModel, DraftProvider, render
from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from monitor.settings.write import write_new

texts = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="$"), min_size=1, max_size=30
)
WATCHED = DraftModel("gpt-4o-mini", "openai/gpt-4o-mini", remark="$0.13 a month")
ASIDE = DraftModel("gpt-4o", interval_s=900, remark="$0.75 a month", is_watched=False)
OPENAI = DraftProvider(
    "openai", "https://api.openai.com/v1", (WATCHED, ASIDE), key="${OPENAI_API_KEY}"
)


def test_a_draft_reads_as_one_would_write_it() -> None:
    text = render(Draft("Europe/Berlin", (OPENAI,), remarks=("Not yet: XAI_API_KEY (xAI)",)))

    assert text.endswith(
        """\
zone: Europe/Berlin  # days are counted in it
probe_budget_usd_per_day: 1  # intervals are stretched to keep within it

providers:
  openai:
    base_url: https://api.openai.com/v1
    key: "${OPENAI_API_KEY}"
    models:
      - {name: gpt-4o-mini, model: openai/gpt-4o-mini, interval: 5m}  # $0.13 a month
      # - {name: gpt-4o, interval: 15m}  # $0.75 a month

# Not yet: XAI_API_KEY (xAI)
"""
    )


def test_a_draft_watches_what_is_not_commented_out(tmp_path: Path) -> None:
    write_new(tmp_path / "a.yaml", render(Draft("UTC", (OPENAI,))))
    loaded = load(tmp_path / "a.yaml", {"OPENAI_API_KEY": "sk-made-up"})

    assert [e.id for e in loaded.endpoints] == ["openai/gpt-4o-mini"]


@settings(max_examples=30)
@given(name=texts, seconds=st.integers(15, 86_400))
def test_a_draft_is_read_back_as_it_was_meant(
    tmp_path_factory: pytest.TempPathFactory, name: str, seconds: int
) -> None:
    path = tmp_path_factory.mktemp("drafts") / "a.yaml"
    model = DraftModel(name, interval_s=float(seconds), price="0")
    path.write_text(render(Draft("UTC", (DraftProvider("a", "http://a/v1", (model,)),))), "utf-8")
    endpoint = load(path, {}).endpoints[0]

    assert (endpoint.model_name, endpoint.interval_s) == (name, seconds)


@pytest.mark.parametrize(
    "name", ["true", "no", "5", "1.5", "null", "~", "a: b", "- a", "a #b", "'"]
)
def test_a_name_that_yaml_would_misread_is_quoted(tmp_path: Path, name: str) -> None:
    provider = DraftProvider("a", "http://a/v1", (DraftModel(name, id="a/b", model="a/b"),))
    write_new(tmp_path / "a.yaml", render(Draft("UTC", (provider,))))

    assert load(tmp_path / "a.yaml", {}).endpoints[0].model_name == name


def test_a_new_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    write_new(tmp_path / "new" / "a.yaml", "zone: UTC\n")
    path = tmp_path / "new" / "a.yaml"

    assert path.read_text() == "zone: UTC\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("mine")
    with pytest.raises(SettingsError, match="is there already and is never overwritten"):
        write_new(path, "other")

    assert [p.read_text() for p in tmp_path.iterdir()] == ["mine"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match=r"cannot be written .*; choose another folder"):
        write_new(tmp_path / "file" / "a.yaml", "zone: UTC\n")
