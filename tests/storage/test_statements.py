"""How a statement that is written once is put to each driver."""

from monitor.storage import statements


def test_places_are_put_as_the_driver_wants_them_and_per_cent_signs_stay() -> None:
    assert statements.named("SELECT 7 % ? WHERE a = ?") == "SELECT 7 %% %s WHERE a = %s"
