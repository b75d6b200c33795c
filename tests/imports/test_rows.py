"""Files of every kind of damage: what can be read is read, and what cannot is told by its line."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.imports.files import MAX_ROW, Unreadable, opened
from monitor.imports.rows import Bad, Format, Row, Table, find_format, read_objects

HEAD = b"a,b\n"


def read(path: Path, content: bytes, **more: str | None) -> list[Row | Bad]:
    path.write_bytes(content)
    with opened(path, more.get("encoding")) as file:
        table = Table(file.text, more.get("delimiter"))
        return list(table.rows())


def read_lines(path: Path, content: bytes) -> list[Row | Bad]:
    path.write_bytes(content)
    with opened(path) as file:
        return list(read_objects(file.text))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.csv"


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n",
        b"\xef\xbb\xbfa,b\r\n1,x\r\n",
        "a,b\n1,x\n".encode("utf-16"),
        gzip.compress(b"a,b\n1,x\n", mtime=0),
        b'"a";"b"\n"1";"x"\n',
        b"a\tb\n1\tx",
        b"a|b\n1|x\n",
        b"\n\na, b\n1, x\n\n",
        b"a,b\n1,x,,\n",
        b"a,b\r1,x\r",
    ],
)
def test_a_table_is_read_however_it_is_written(path: Path, content: bytes) -> None:
    [row] = read(path, content)

    assert (type(row), row.cells) == (Row, ["1", "x"])


def test_a_quoted_cell_may_have_line_ends_and_lines_are_those_of_the_file(path: Path) -> None:
    rows = read(path, HEAD + b'1,"x\ny ""z"", q"\n2,w\n')

    assert [tuple(row) for row in rows] == [(2, ["1", 'x\ny "z", q']), (4, ["2", "w"])]


def test_a_quote_that_is_never_closed_spoils_its_own_line_only(path: Path) -> None:
    rows = read(path, HEAD + b'1,"x\n2,y\n3,z\n')

    assert [(type(row), row.line) for row in rows] == [(Bad, 2), (Row, 3), (Row, 4)]
    assert rows[0].cells == '1,"x\n'


def test_a_quote_that_is_closed_beyond_all_measure_spoils_its_own_line_only(path: Path) -> None:
    filler = b"2,y\n" * (MAX_ROW // 4)
    rows = read(path, HEAD + b'1,"x\n' + filler + b'3,z"\n4,w\n')

    bad = [row.line for row in rows if isinstance(row, Bad)]
    assert (bad, rows[-1].cells) == ([2], ["4", "w"])
    assert len(rows) == MAX_ROW // 4 + 3


def test_a_cell_of_absurd_length_spoils_its_own_line_only(path: Path) -> None:
    rows = read(path, HEAD + b"1," + b"x" * (5 * MAX_ROW) + b"\n2,y\n")

    assert [(type(row), row.line) for row in rows] == [(Bad, 2), (Row, 3)]
    assert len(rows[0].cells) <= MAX_ROW


def test_an_open_quote_before_an_absurd_line_loses_no_other_line(path: Path) -> None:
    rows = read(path, HEAD + b'1,"x\n2,y\n' + b"z" * (3 * MAX_ROW) + b"\n3,w\n4,v\n")

    assert [(type(row), row.line) for row in rows] == [
        (Bad, 2), (Row, 3), (Bad, 4), (Row, 5), (Row, 6),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"1", "has 1 cells, and the header 2"),
        (b"1,2,3", "has 3 cells"),
        (b"1,\xe9t\xe9", "--encoding"),
    ],
)
def test_a_bad_row_says_why_and_stops_no_other(path: Path, line: bytes, says: str) -> None:
    bad, good = read(path, HEAD + line + b"\n2,y\n")

    assert (type(bad), type(good)) == (Bad, Row)
    assert isinstance(bad, Bad)
    assert says in bad.reason


def test_an_encoding_that_is_named_is_used(path: Path) -> None:
    [row] = read(path, HEAD + b"1,\xe9t\xe9\n", encoding="latin-1")

    assert row.cells == ["1", "été"]


def test_a_gzip_that_breaks_off_says_so_after_its_good_rows(path: Path) -> None:
    whole = gzip.compress(HEAD + b"".join(b"%d,x\n" % n for n in range(50_000)))
    path.write_bytes(whole[: len(whole) // 2])

    with opened(path) as file:
        rows = Table(file.text, None).rows()
        assert next(rows).cells == ["0", "x"]
        with pytest.raises(Unreadable, match="breaks off after line"):
            list(rows)


def test_bad_lines_of_jsonl_say_why_and_stop_no_other(path: Path) -> None:
    lines = [b'{"a": 1}', b"{", b"[1]", b'"\xff"', b"", b'{"a": NaN}', b"[" * 100_000]
    rows = read_lines(path, b"\n".join(lines) + b'\n{"a": 2}')

    bad = {row.line: row.reason for row in rows if isinstance(row, Bad)}
    assert list(bad) == [2, 3, 4, 7]
    assert [row.cells for row in rows if isinstance(row, Row)] == [{"a": 1}, {"a": None}, {"a": 2}]


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("x.csv", b"{", Format.CSV),
        ("x.jsonl.gz", b"", Format.JSONL),
        ("x.log", b'  {"a": 1}\n', Format.JSONL),
        ("x", b"a,b\n", Format.CSV),
    ],
)
def test_the_format_is_told_by_the_name_else_by_the_beginning(
    tmp_path: Path, name: str, content: bytes, form: Format
) -> None:
    (tmp_path / name).write_bytes(content)

    assert find_format(tmp_path / name, None) is form


@given(st.lists(st.binary(max_size=30), max_size=30))
def test_no_bytes_are_too_bad_to_be_read(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    content = b"\n".join([b"a,b", *lines, b"1,x"])

    for row in [*read(path, content), *read_lines(path, content)]:
        assert isinstance(row, Row | Bad)
