"""FASTA rules, one by one, with names and lines."""

import gzip
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ppi_ratio.errors import InputError
from ppi_ratio.sequences import (
    RESIDUES,
    Proteins,
    read_fasta,
    sequence_hash,
    write_fasta,
)


def fasta(folder: Path, content: str | bytes) -> Path:
    path = folder / "p.fasta"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_id_is_the_first_word_and_lines_are_joined(tmp_path: Path) -> None:
    proteins = read_fasta(fasta(tmp_path, ">a first one\nMKV\nLAA\n\n>b\nGG\n"))
    assert dict(proteins.sequences) == {"a": "MKVLAA", "b": "GG"}
    assert proteins.ids == ("a", "b")
    assert proteins.note_summary() == ""


@pytest.mark.parametrize("packed", [False, True], ids=["text", "gzip"])
def test_carriage_returns_byte_order_mark_and_missing_last_newline_do_not_matter(
    packed: bool, tmp_path: Path
) -> None:
    content = b"\xef\xbb\xbf>a x\r\nMKV\r\nLA\r\n>b\r\nGG"
    path = fasta(tmp_path, gzip.compress(content) if packed else content)
    assert dict(read_fasta(path).sequences) == {"a": "MKVLA", "b": "GG"}


def test_irregular_records_are_tidied_and_reported_with_name_and_line(tmp_path: Path) -> None:
    content = ">low\nmkv\n>stop\nMKV*\n>rare\nMUJ\n>none\n\n>low\nMKV\n>last\n"
    proteins = read_fasta(fasta(tmp_path, content))
    assert dict(proteins.sequences) == {"low": "MKV", "stop": "MKV", "rare": "MUJ"}
    notes = [(note.protein, note.line, note.change) for note in proteins.notes]
    assert notes == [
        ("low", 1, "sequences with lower-case residues read as upper case"),
        ("stop", 3, "sequences with '*' at the end, removed"),
        ("rare", 5, "sequences with J/U"),
        ("none", 7, "empty records left out"),
        ("low", 9, "repeated records kept once"),
        ("last", 11, "empty records left out"),
    ]
    assert "2 empty records left out (e.g. none, line 7)" in proteins.note_summary()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (">a\nMKV\n>a\nMKW\n", r"a \(line 3\): this id came before with another sequence"),
        (">a\nMKV\n>b x\nMK*V\n", r"b \(line 3\): '\*' at residue 3 is no residue"),
        (">a\nMK-V\n", r"a \(line 1\): '-' at residue 3"),
        (">a\nMK1V\n", r"a \(line 1\): '1' at residue 3"),
        (">a\nMKÄV\n", r"a \(line 1\): 'Ä' at residue 3"),
        (">\nMKV\n", r"a record without an id \(line 1\): it has no id"),
        ("MKV\n>a\nMKV\n", r"line 1 is not FASTA \(text before the first '>'\): 'MKV"),
        ("P1\tP2\n", "line 1 is not FASTA"),
        ("", "no protein in it"),
        ("\n\n", "no protein in it"),
        (">a\n>b\n", "no protein in it"),
        (b"\x00\x01\x02\xff\xfe", "not UTF-8 text"),
    ],
)
def test_records_that_cannot_be_meant_are_refused_with_name_and_line(
    content: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=rf"p\.fasta: {message}"):
        read_fasta(fasta(tmp_path, content))


def test_at_most_ten_faults_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    content = "".join(f">p{number}\nMK?\n" for number in range(13))
    with pytest.raises(InputError) as caught:
        read_fasta(fasta(tmp_path, content))
    assert "p9 (line 19)" in str(caught.value)
    assert "p10" not in str(caught.value)
    assert "and 3 more" in str(caught.value)


def test_nucleotides_are_refused_but_a_few_odd_peptides_are_not(tmp_path: Path) -> None:
    dna = "ACGT" * 20
    with pytest.raises(InputError, match=r"2 of 3 records read as nucleotides, e\.g\. a; tr"):
        read_fasta(fasta(tmp_path, f">a\n{dna}\n>b\n{dna.lower()}\n>c\nMKVLW\n"))
    text = f">a\n{dna}\n>b\nMKVLW\n>c\nMWWK\n"
    proteins = read_fasta(fasta(tmp_path, text))
    assert len(proteins) == 3
    assert "1 records read as nucleotides, kept: a" in proteins.note_summary()
    assert read_fasta(fasta(tmp_path, text), skip_bad=True).ids == ("b", "c")


def test_bad_records_are_all_named_or_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = ">a\nMKV\n>b\nMK*V\n>\nMKL\n>a\nMKW\n>c\nM1\n>d\nMWWK\n"
    path = fasta(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_fasta(path)
    message = str(caught.value)
    assert all(f"(line {line})" in message for line in (3, 5, 7, 9))
    assert "correct these 4 records, or leave them out (`skip_bad`)" in message
    proteins = read_fasta(path, skip_bad=True)
    assert dict(proteins.sequences) == {"d": "MWWK"}  # which sequence is that of a is not known
    assert "4 records left out: b (line 3): '*' at residue 3" in caplog.text
    assert "4 records that cannot be read, left out" in proteins.note_summary()


def test_a_pir_record_is_read_without_its_description(tmp_path: Path) -> None:
    text = ">P1;CRAB_ANAPL\nALPHA CRYSTALLIN B CHAIN\nMKVLW\nAAK*\n>Q2 plain\nMWWK\n"
    proteins = read_fasta(fasta(tmp_path, text))
    assert dict(proteins.sequences) == {"CRAB_ANAPL": "MKVLWAAK", "Q2": "MWWK"}
    assert "1 PIR records read without their line of description" in proteins.note_summary()


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (">P1;A\nsome words\nMKVLW\n", "ends with '\\*', and this one does not"),
        (">P1;A\nMKVLW\n", "ends with '\\*', and this one does not"),
        (">P1;A\n" + "MKVLW" * 8 + "\nMKVLW*\n", "has a line of description before its residues"),
        (">DL;A\nsome words\nACGT*\n", "of the kind DL holds nucleotides"),
    ],
)
def test_a_pir_record_loses_no_residue(tmp_path: Path, record: str, message: str) -> None:
    path = fasta(tmp_path, f"{record}>B\nMWWK\n")
    with pytest.raises(InputError, match=message):
        read_fasta(path)
    assert read_fasta(path, skip_bad=True).ids == ("B",)
    assert len(read_fasta(fasta(tmp_path, ">a\nGATTACA\n"))) == 1


def test_truncated_gzip_is_refused_by_name(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b">p%d\nMKVLAAGG\n" % number for number in range(5000)))
    with pytest.raises(InputError, match=r"p\.fasta: damaged gzip file"):
        read_fasta(fasta(tmp_path, packed[: len(packed) // 2]))


# what a header can hold as its first word
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1
)


@given(
    sequences=st.dictionaries(NAMES, st.text(sorted(RESIDUES), min_size=1, max_size=25)).filter(
        bool
    )
)
def test_written_proteins_read_back(
    sequences: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.fasta"
    write_fasta(Proteins(sequences), path)
    assert dict(read_fasta(path).sequences) == sequences


@given(raw=st.text([*sorted(RESIDUES), "a", "k", "*", " ", "\n", "\t"], max_size=25))
def test_tidied_sequences_are_read_as_they_are(
    raw: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "tidy.fasta"
    path.write_text(f">one\nM\n>it\n{raw}\n", encoding="utf-8")
    try:
        once = read_fasta(path)
    except InputError:
        assume(False)
        raise
    write_fasta(once, path)
    twice = read_fasta(path)
    assert dict(twice.sequences) == dict(once.sequences)
    rare = "sequences with"
    assert all(note.change.startswith(rare) for note in twice.notes)


def test_selection_keeps_the_names_asked_for_and_refuses_absent_ones() -> None:
    proteins = Proteins({"sp|P1|A": "MKV", "Q2": "GG"})
    assert dict(proteins.select(["Q2", "P1", "Q2"]).sequences) == {"Q2": "GG", "P1": "MKV"}
    with pytest.raises(InputError, match=r"1 of 2 ids have no sequence, e\.g\. X"):
        proteins.select(["Q2", "X"])


def test_hash_tells_sequences_apart_and_is_fixed() -> None:
    assert sequence_hash("A") == "559aead08264d5795d3909718cdd05ab"  # printf A | sha256sum
    assert sequence_hash("A") != sequence_hash("AA")
