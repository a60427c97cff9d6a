"""Messages name the settings of Python; the command line turns each into its flag."""

import ast
import re
from pathlib import Path

import data_prep
from data_prep.sources import SOURCES
from ppi_ratio.cli.errors import FLAGS

PACKAGE = Path(str(data_prep.__file__)).parent
SETTING = re.compile(r"`[a-z_0-9]+`")


def messages() -> list[str]:
    """Every text inside a ``raise`` of the package."""
    return [
        text.value
        for path in PACKAGE.glob("*.py")
        for raised in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(raised, ast.Raise)
        for text in ast.walk(raised)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]


def test_no_message_names_a_flag_and_every_setting_in_a_message_has_a_flag() -> None:
    found = messages()
    assert [text for text in found if "--" in text] == []
    settings = {setting for text in found for setting in SETTING.findall(text)}
    assert "`organism`" in settings
    assert settings <= set(FLAGS)


def test_every_file_to_download_can_be_given_by_a_flag() -> None:
    settings = {
        "string": {"min_score": 0, "organism": 9606, "uniprot": True},
        "hippie": {"min_score": 0},
        "omnipath": {"dataset": "kinase_substrate"},
        "dscript": {"table": "yeast_test"},
        "uniprot": {"organism": 9606},
        "per_protein": {"proteome": "uniprot_sprot"},
    }
    fields = {
        f"`{wanted.field}`"
        for name, source in SOURCES.items()
        for wanted in source(**settings.get(name, {})).downloads(main=True)
    }
    assert {"`input`", "`aliases`", "`fasta`"} <= fields <= set(FLAGS)
