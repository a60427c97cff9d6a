import gzip
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ppi_ratio.errors import InputError
from ppi_ratio.pairs import PairColumns, PairTable, read_candidates, read_pairs
from ppi_ratio.pairs.rows import BELOW_SCORE, MALFORMED

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes, name: str = "pairs.tsv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def rows_of(pairs: PairTable) -> list[tuple]:
    return list(pairs.frame.itertuples(index=False, name=None))


LABELLED = [("A1", "B1", 1), ("A2", "B2", 0)]


@pytest.mark.parametrize(
    "content",
    [
        "A1\tB1\t1\nA2\tB2\t0\n",
        "A1,B1,1\nA2,B2,0",
        "A1;B1;1.0\nA2;B2;0.0\n",
        "A1 B1 1\nA2   B2 0\n",
        "  A1\t B1 true\n A2 B2 FALSE\n",
        "A1\tB1\t1\r\nA2\tB2\t0\r\n",
        "\ufeffA1\tB1\t1\nA2\tB2\t0\n",
        "# a comment\n\nA1\tB1\t1\n  \n#another\tone\nA2\tB2\t0\n",
        '"A1","B1","1"\n"A2","B2","0"\n',
        '"A1" "B1" 1\n"A2"  "B2" 0\n',
        "left\tright\tlabel\nA1\tB1\t1\nA2\tB2\t0\n",
        "Protein_A,Protein B,kind,Interaction\nA1,B1,x,1\nA2,B2,y,0\n",
        "score,uniprot_a,UniProt-B,y\n.4,A1,B1,1\n.3,A2,B2,0\n",
        "id1 id2 class\nA1 B1 1\nA2 B2 0\n",
        "a,b,y\nA1,B1,1\nA2,B2,0\n",
        "A1\tB1\t1\tnote, with a comma\nA2\tB2\t0\n",
        "protein_a\tprotein_b\tlabel\nA1\tB1\t1\t\nA2\tB2\t0\t\n",
    ],
)
def test_every_common_form_reads_alike(write: Write, content: str) -> None:
    pairs = read_pairs(write(content), directed=True)
    assert rows_of(pairs) == LABELLED
    assert not pairs.drops


def test_gzip_is_known_by_content(write: Write) -> None:
    path = write(gzip.compress(b"A1\tB1\t1\nA2\tB2\t0\n"), "pairs.txt")
    assert rows_of(read_pairs(str(path), directed=True)) == LABELLED


def test_parquet_and_frames_read_like_files(tmp_path: Path) -> None:
    frame = pd.DataFrame({"protein1": ["A1", "A2"], "x": [5, 6], "protein2": ["B1", "B2"]})
    frame["label"] = [True, False]
    frame.to_parquet(tmp_path / "pairs.parquet")
    assert rows_of(read_pairs(tmp_path / "pairs.parquet", directed=True)) == LABELLED
    assert rows_of(read_pairs(frame, directed=True)) == LABELLED


@pytest.mark.parametrize("names", [["left", "right", "label"], ["u", "v", "w"], [0, 1, 2]])
def test_frames_without_known_names_read_by_place(names: list) -> None:
    frame = pd.DataFrame(LABELLED, columns=names)
    assert rows_of(read_pairs(frame, directed=True)) == LABELLED


def test_the_index_of_a_frame_has_no_meaning() -> None:
    frame = pd.DataFrame(LABELLED, columns=["left", "right", "label"], index=[7, 7])
    assert rows_of(read_pairs(frame, directed=True)) == LABELLED
    assert read_candidates(frame)["line"].tolist() == [1, 2]


def test_numeric_ids_of_a_frame_read_as_text() -> None:
    frame = pd.DataFrame({"left": [7157.0, 672.0, np.nan], "right": [4193, 675, 1]})
    assert rows_of(read_pairs(frame, directed=True)) == [("7157", "4193"), ("672", "675")]


def test_ids_that_look_like_missing_values_survive(write: Write) -> None:
    pairs = read_pairs(write("NA\tnan\nNone\tNULL\n"), directed=True)
    assert rows_of(pairs) == [("NA", "nan"), ("None", "NULL")]


def test_quoted_ids_may_hold_the_delimiter_and_quotes(write: Write) -> None:
    pairs = read_pairs(write('"A,1",B1\nA2,"B""2"\n'), directed=True)
    assert rows_of(pairs) == [("A,1", "B1"), ("A2", 'B"2')]


def test_an_unclosed_quote_ends_with_its_line(write: Write) -> None:
    assert rows_of(read_pairs(write('A,"B\nC,D\n'), directed=True)) == [("A", "B"), ("C", "D")]


def test_proteins_called_p1_and_p2_are_no_header(write: Write) -> None:
    table = read_pairs(write("P1\tP2\nP1\tP3\nP4\tP2\n"), directed=False)
    assert table.ids == ("P1", "P2", "P3", "P4")
    assert len(table) == 3
    assert len(read_pairs(write("p1\tp2\nA1\tA2\n"), directed=False)) == 1


def test_toy_proteins_called_a_and_b_are_no_header(write: Write) -> None:
    assert len(read_pairs(write("A B\nC D\nB C\n"), directed=True)) == 3


def test_text_in_the_third_column_is_ignored(write: Write) -> None:
    pairs = read_pairs(write("A1\tB1\tligase\nA2\tB2\t7\nA3\tB3\tkinase\n"), directed=True)
    assert not pairs.is_labelled
    assert len(pairs) == 3


def test_columns_can_be_named_or_counted(write: Write) -> None:
    path = write("n,first,second,ok\n1,A1,B1,1\n2,A2,B2,0\n")
    named = PairColumns("first", "second", label="ok")
    assert rows_of(read_pairs(path, directed=True, columns=named)) == LABELLED
    path = write("1,A1,B1,1\n2,A2,B2,0\n")
    assert rows_of(read_pairs(path, directed=True, columns=PairColumns(1, 2, 3))) == LABELLED
    assert not read_pairs(path, directed=True, columns=PairColumns(1, 2)).is_labelled


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (PairColumns("left", "nowhere"), "no column 'nowhere'; its header has: left, right"),
        (PairColumns(0, 5), "no column 6, counted from 1; its rows have 2 fields"),
        (PairColumns(0, -1), "no column 0, counted from 1"),
    ],
)
def test_columns_that_are_not_there_are_named(
    write: Write, columns: PairColumns, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_pairs(write("left\tright\nA\tB\n"), directed=True, columns=columns)


STRING = (
    "protein1 protein2 combined_score\n9606.A 9606.B 900\n9606.B 9606.C 699\n9606.B 9606.A 900\n"
)


def test_scores_are_ignored_where_the_columns_of_ids_are_named(write: Write) -> None:
    path = write("a\tb\tscore\n" + "".join(f"P1\tQ{n}\t0.{n}\n" for n in range(10, 20)))
    with pytest.raises(InputError, match=r"to ignore the column, name the columns to read"):
        read_pairs(path, directed=False)
    assert len(read_pairs(path, directed=False, columns="a,b")) == 10
    assert len(read_pairs(path, directed=False, columns="a,b", min_score=0.15)) == 5


@pytest.mark.parametrize("above", ["070126\nData of X, made by Y\n\n", "exported table\n"])
@pytest.mark.parametrize("separator", ["\t", ","])
def test_lines_above_a_header_are_not_read_and_said_so(
    write: Write, above: str, separator: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rows = [("GENE", "KIN_ACC_ID", "ORGANISM", "SUB_ACC_ID")]
    rows += [("AKT1", "P31749", "human", f"Q{10000 + n}") for n in range(9)]
    path = write(above + "".join(separator.join(row) + "\n" for row in rows))
    assert read_pairs(path, directed=True).degrees("left").to_dict() == {"P31749": 9}
    assert "above the header are not read, e.g." in caplog.text
    assert f"e.g. {above.splitlines()[0]!r}" in caplog.text


def test_a_short_first_row_above_pairs_is_no_line_above_a_header(write: Write) -> None:
    pairs = read_pairs(
        write("P0\n" + "".join(f"P1\tP{n}\t1\n" for n in range(2, 9))), directed=True
    )
    assert len(pairs) == 7
    assert [drop.count for drop in pairs.drops] == [1]


def test_string_links_read_with_a_minimal_score(write: Write) -> None:
    pairs = read_pairs(write(STRING), directed=False, min_score=700.0)
    assert rows_of(pairs) == [("9606.A", "9606.B")]
    below = pairs.drops[0]
    assert (below.reason, below.examples) == (BELOW_SCORE, ("9606.B 9606.C (line 3)",))


@pytest.mark.parametrize("content", [STRING, "A\tB\t0.5\nA\tC\t1\n", "A B 1\nA C 2\n"])
def test_scores_are_not_taken_for_labels(write: Write, content: str) -> None:
    with pytest.raises(
        InputError, match=r"numbers that are no labels.*`min_score`.*ignore the column"
    ):
        read_pairs(write(content), directed=False)


def test_a_minimal_score_makes_the_third_column_scores(write: Write) -> None:
    pairs = read_pairs(write("A\tB\t1\nA\tC\t0\n"), directed=False, min_score=0.5)
    assert rows_of(pairs) == [("A", "B")]


def test_labels_and_scores_can_stand_side_by_side(write: Write) -> None:
    path = write("left,right,label,score\nA,B,1,0.9\nA,C,0,0.8\nA,D,1,0.1\n")
    assert len(read_pairs(path, directed=False)) == 3
    assert rows_of(read_pairs(path, directed=False, min_score=0.5)) == [
        ("A", "B", 1),
        ("A", "C", 0),
    ]


@pytest.mark.parametrize(
    ("content", "min_score", "message"),
    [
        (
            "A\tB\t1\nA\tC\t0\nA\tD\tx\n",
            None,
            "column 3 holds labels or scores, but line 3 has 'x'",
        ),
        ("A\tB\t1\nA\tC\t0\nA\tD\n", None, "line 3 has ''"),
        ("A\tB\t0.7\nA\tC\tinf\nA\tD\t1\n", None, "line 2 has 'inf'"),
        ("u,v,w\nA,B,1\nA,C,0\n", None, "line 1 has 'w'.* if this line is a header"),
        ("left,right,label\nA,B,1\nA,C,2\n", None, "column 'label' holds labels, but line 3 has"),
        ("left,right,wet\nA,B,1\nA,C,0\n", None, "column 'wet' reads as labels"),
        ("left,right,score\nA,B,1\nA,C,high\n", 0.5, "column 'score' holds scores, but line 3"),
        ("left,right\nA,B\n", 0.5, "no column of scores"),
        ("A,B,0.1\n", 0.5, "no pair is left of 1 rows .*below the minimal score"),
        ("A,A\n", None, "no pair is left of 1 rows .*self pairs"),
        ("", None, "no pair in it"),
        ("# only a comment\n", None, "no pair in it"),
        ("left\tright\n", None, "no pair in it"),
        ("left\tright\nr1\tA\tB\n", None, "header names 2 columns, but line 2 has 3 fields"),
        (">P1\nMKV\n>P2\nMKL\n" * 5, None, "20 of 20 rows have fewer than two ids, first line 1"),
        ("A\tB\x00\n", None, r"not a text file \(character '\\x00' in line 1"),
        (b"\xff\xfe\x00A", None, "not UTF-8"),
        (gzip.compress(b"A\tB\n" * 9999, mtime=0)[:-20], None, "damaged gzip"),
        ("A\t" + '"' + "B" * 200_000 + '"', None, "line 1 cannot be split"),
    ],
)
def test_what_cannot_be_understood_is_named(
    write: Write,
    content: str | bytes,
    min_score: float | None,
    message: str,
) -> None:
    with pytest.raises(InputError, match=message):
        read_pairs(write(content), directed=False, min_score=min_score)


def test_a_few_ragged_rows_are_left_out_and_counted(write: Write) -> None:
    path = write("A\tB\nC\n\tD\nE\tF\tx\ty\tz\nG\t\n")
    pairs = read_pairs(path, directed=False)
    assert rows_of(pairs) == [("A", "B"), ("E", "F")]
    assert [(drop.reason, drop.count) for drop in pairs.drops] == [(MALFORMED, 3)]
    assert pairs.drops[0].examples[0] == "C '' (line 2)"


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_pairs(tmp_path / "nowhere.tsv", directed=False)
    for name in ("folder", "folder.parquet"):
        (tmp_path / name).mkdir()
        with pytest.raises(InputError, match="is a directory"):
            read_pairs(tmp_path / name, directed=False)


def test_a_file_that_is_not_parquet_says_so(write: Write) -> None:
    with pytest.raises(InputError, match="not a readable Parquet file"):
        read_pairs(write("A\tB\n", "pairs.parquet"), directed=False)


def test_a_frame_of_one_column_is_refused() -> None:
    with pytest.raises(InputError, match="has 1 columns; expected two"):
        read_pairs(pd.DataFrame({"left": ["A"]}), directed=False)


def test_candidates_keep_every_row_in_order(write: Write) -> None:
    path = write("# header\nB\tA\n\nA\tA\nC\nB\tA\nA\tB\n#\n\tD\n")
    found = read_candidates(path)
    assert found["left"].tolist() == ["B", "A", "C", "B", "A", ""]
    assert found["right"].tolist() == ["A", "A", "", "A", "B", "D"]
    assert found["line"].tolist() == [2, 4, 5, 6, 7, 9]
    assert found["note"].tolist() == ["", "", *["fewer than two ids"], "", "", "fewer than two ids"]
    assert list(found.columns) == ["left", "right", "line", "note"]


def test_candidates_keep_a_label_and_ignore_scores(write: Write) -> None:
    labelled = read_candidates(write("A\tB\t1\nA\tC\t0\nA\n"))
    assert labelled["label"].astype(object).where(labelled["label"].notna(), None).tolist() == [
        1,
        0,
        None,
    ]
    named = read_candidates(write("left,right,label\nA,B,1\nA,C,perhaps\n"))
    assert named["label"].isna().tolist() == [False, True]
    assert "label" not in read_candidates(write(STRING))


def test_candidates_of_which_none_can_be_scored_still_come_back(write: Write) -> None:
    found = read_candidates(write("A\nB\nC\n" * 10))
    assert set(found["note"]) == {"fewer than two ids"}
    assert len(found) == 30


@given(content=st.binary(max_size=200))
@example(content=b"\x1f\x8b")
@example(content=b"A\xc2\x85B C\n")
@example(content=b'"""')
def test_arbitrary_bytes_end_in_a_table_or_our_own_error(write: Write, content: bytes) -> None:
    path = write(content)
    for read in (lambda: read_pairs(path, directed=False), lambda: read_candidates(path)):
        with suppress(InputError):
            assert len(read())


fields = st.text(st.sampled_from('CD1.0 ,;\t"#\x85é-'), max_size=6)


@given(rows=st.lists(st.lists(fields, max_size=4), max_size=8), delimiter=st.sampled_from("\t,; "))
def test_arbitrary_text_gives_one_candidate_per_line(
    write: Write, rows: list, delimiter: str
) -> None:
    lines = [delimiter.join(row) for row in rows]
    content = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    path = write("\n".join(lines))
    if not content:
        with pytest.raises(InputError, match="no pair in it"):
            read_candidates(path)
        return
    try:
        found = read_candidates(path)
    except InputError as refusal:
        no_pair = f"{len(content)} of {len(content)} rows have fewer than two ids"
        if no_pair not in str(refusal) and "not like ids" not in str(refusal):
            raise
        return
    read = [lines[number - 1] for number in found["line"]]
    assert read == content or (read == content[1:] and len(read) >= 5)  # the first is a header


ids = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)


@given(rows=st.lists(st.tuples(ids, ids, st.integers(0, 1)), min_size=1), directed=st.booleans())
def test_what_a_table_writes_reads_back(
    write: Write, tmp_path: Path, rows: list, directed: bool
) -> None:
    frame = pd.DataFrame(rows, columns=["left", "right", "label"])
    try:
        table = PairTable.from_rows(frame, directed=directed, name="made", self_pairs="keep")
    except InputError:
        return  # an id that begins with '#'
    if not len(table):
        return
    path = tmp_path / "written.tsv"
    table.frame.to_csv(path, sep="\t", index=False)
    named = PairColumns("left", "right", "label")
    back = read_pairs(path, directed=directed, self_pairs="keep", columns=named)
    assert back.content_hash() == table.content_hash()


def test_a_hundred_thousand_rows_read_in_seconds(write: Write) -> None:
    rng = np.random.default_rng(0)
    left, right = rng.integers(20_000, size=(2, 100_000))
    lines = (f"P{a}\tP{b}\t{a % 2}" for a, b in zip(left, right, strict=True))
    path = write("\n".join(lines))
    start = time.process_time()
    assert len(read_pairs(path, directed=False)) > 90_000
    assert time.process_time() - start < 3
