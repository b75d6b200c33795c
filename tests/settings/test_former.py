from pathlib import Path

import pytest

from monitor.settings.load import load
from monitor.settings.problems import SettingsError


def write(folder: Path, *models: str, provider: str = "") -> Path:
    path = folder / "inferwatch.yaml"
    listed = "".join(f"      - {model}\n" for model in models)
    path.write_text(
        f"providers:\n  acme:\n    base_url: http://acme.test\n{provider}    models:\n{listed}"
    )
    return path


def test_a_model_says_what_its_endpoint_was(tmp_path: Path) -> None:
    path = write(tmp_path, "{name: small, id: acme/tiny, was: acme/small}")

    assert load(path).former_ids == {"acme/tiny": "acme/small"}


def test_a_provider_says_what_it_and_its_endpoints_were(tmp_path: Path) -> None:
    path = write(tmp_path, "a/b", "{name: c, id: mine}", provider="    was: apex\n")

    assert load(path).former_ids == {"acme@default": "apex@default", "acme/a/b": "apex/a/b"}


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        (
            ["small", "{name: large, was: acme/small}"],
            (
                "inferwatch.yaml:6: providers.acme.models[1].was: acme/small: 'acme/small' is "
                "watched under that very id; remove this line"
            ),
        ),
        (
            ["{name: small, was: old/one}", "{name: large, was: old/one}"],
            (
                "inferwatch.yaml:6: providers.acme.models[1].was: old/one: 'old/one' is also what "
                "'acme/small' was; keep one, it has one history"
            ),
        ),
    ],
)
def test_a_history_has_one_owner(tmp_path: Path, models: list[str], problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, *models))

    assert str(caught.value) == f"{tmp_path}/{problem}"
