"""A test that needs a program is skipped without it, but not where every program must be there."""

import pytest
from programs import MUST_BE_THERE, needs


def test_test_is_skipped_where_its_program_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MUST_BE_THERE, raising=False)
    mark = needs(None, remedy="install it").mark
    assert (mark.name, mark.args) == ("skipif", (True,))
    assert needs("/usr/bin/it", remedy="install it").mark.args == (False,)


def test_test_fails_where_every_program_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MUST_BE_THERE, "1")
    with pytest.raises(pytest.fail.Exception, match="a program is missing: install it"):
        needs(None, remedy="install it")
    assert needs("/usr/bin/it", remedy="install it").mark.args == (False,)


def test_ci_asks_for_every_program(pytestconfig: pytest.Config) -> None:
    script = (pytestconfig.rootpath / ".ci" / "run").read_text(encoding="utf-8")
    assert f"export {MUST_BE_THERE}=1" in script
