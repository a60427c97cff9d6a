"""Checkpoints and encoder names: safe loading, offline use, refusals."""

import importlib.resources
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path

import esm.pretrained
import numpy as np
import pytest
import torch

from ppi_ratio.embeddings import ENCODERS, EmbedOptions, find_encoder
from ppi_ratio.embeddings.checkpoints import load_model
from ppi_ratio.embeddings.encoders import FairESM
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.io.checksums import file_sha256

WriteCheckpoint = Callable[..., Path]


class Mischief:
    """Runs a command when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.target}",)


def test_every_official_single_sequence_name_of_fair_esm_is_an_encoder() -> None:
    official = {
        name for name in dir(esm.pretrained) if name.startswith(("esm1b_", "esm1v_", "esm2_"))
    }
    assert official == {name for name, chosen in ENCODERS.items() if isinstance(chosen, FairESM)}


def test_local_checkpoint_of_any_name_loads_by_content(
    esm2_checkpoint: WriteCheckpoint, esm1b_checkpoint: Path
) -> None:
    renamed = esm2_checkpoint("my model")
    assert type(load_model(renamed)).__name__ == "ESM2"
    assert load_model(renamed).embed_tokens.weight.dtype == torch.float32
    assert type(load_model(esm1b_checkpoint)).__name__ == "ProteinBertModel"
    built = find_encoder(str(renamed)).build(EmbedOptions())
    assert built.provenance.encoder == "my model"
    assert built.provenance.checkpoint == file_sha256(renamed)


def test_file_in_the_older_format_of_torch_loads(
    esm2_checkpoint: WriteCheckpoint, tmp_path: Path
) -> None:
    content = torch.load(esm2_checkpoint(), weights_only=False)
    old = tmp_path / "old.pt"
    torch.save(content, old, _use_new_zipfile_serialization=False)
    assert load_model(old).num_layers == 2


@pytest.mark.parametrize("zipped", [True, False])
def test_checkpoint_that_would_run_code_is_refused_and_does_not(
    zipped: bool, tmp_path: Path
) -> None:
    path, trace = tmp_path / "evil.pt", tmp_path / "trace"
    content = {"cfg": Mischief(trace), "model": {}}
    if zipped:
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(content, protocol=2))
    with pytest.raises(InputError, match=r"evil\.pt: not a checkpoint that can be read safely"):
        load_model(path)
    assert not trace.exists()


def test_malformed_checkpoints_are_refused_by_name(
    esm2_checkpoint: WriteCheckpoint, tmp_path: Path
) -> None:
    whole = esm2_checkpoint().read_bytes()
    content = torch.load(esm2_checkpoint(), weights_only=False)
    files = {
        "truncated.pt": whole[: len(whole) // 2],
        "empty.pt": b"",
        "text.pt": b"not a checkpoint at all\n",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save({"state": torch.zeros(2)}, tmp_path / "other.pt")
    torch.save({"cfg": {}, "model": {}}, tmp_path / "hollow.pt")
    lacking = dict(content["model"])
    lacking.pop("layers.0.fc1.weight")
    torch.save({"cfg": content["cfg"], "model": lacking}, tmp_path / "lacking.pt")
    misshapen = content["model"] | {"layers.0.fc1.weight": torch.zeros(3, 3)}
    torch.save({"cfg": content["cfg"], "model": misshapen}, tmp_path / "misshapen.pt")
    for name in (*files, "list.pt", "other.pt", "hollow.pt", "lacking.pt", "misshapen.pt"):
        with pytest.raises(InputError, match=name):
            load_model(tmp_path / name)
    with pytest.raises(InputError, match="is a folder"):
        load_model(tmp_path)


def test_esm_of_another_family_is_refused(esm1b_checkpoint: Path, tmp_path: Path) -> None:
    content = torch.load(esm1b_checkpoint, weights_only=False)
    content["args"].arch = "msa_transformer"
    torch.save(content, tmp_path / "msa.pt")
    with pytest.raises(InputError, match="holds msa_transformer; only ESM-1b, ESM-1v and ESM-2"):
        load_model(tmp_path / "msa.pt")


def test_unknown_encoder_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="did you mean esm2_t30_150M_UR50D"):
        find_encoder("esm2_t30_150M")
    with pytest.raises(ConfigError, match="known: esm2_t6_8M_UR50D"):
        find_encoder("unirep")
    with pytest.raises(FileNotFoundError, match="no such checkpoint"):
        find_encoder("somewhere/model.pt")


def test_official_name_loads_from_the_hub_folder_without_network(
    esm2_checkpoint: WriteCheckpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    esm2_checkpoint("esm2_t6_8M_UR50D", folder=tmp_path / "hub" / "checkpoints")
    built = ENCODERS["esm2_t6_8M_UR50D"].build(EmbedOptions())
    assert (built.dim, built.provenance.encoder) == (16, "esm2_t6_8M_UR50D")


def test_both_names_of_the_first_esm1v_are_one_encoder() -> None:
    assert ENCODERS["esm1v_t33_650M_UR90S"] == ENCODERS["esm1v_t33_650M_UR90S_1"]


def test_without_network_the_message_says_where_the_file_goes_and_what_works_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    # A proxy that nobody serves stands for the missing network, on machines that have one too.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises(ProvenanceError) as caught:
        ENCODERS["esm2_t30_150M_UR50D"].build(EmbedOptions())
    assert time.monotonic() - began < 20
    message = str(caught.value)
    assert "https://dl.fbaipublicfiles.com/fair-esm/models/esm2_t30_150M_UR50D.pt" in message
    assert str(tmp_path / "hub" / "checkpoints" / "esm2_t30_150M_UR50D.pt") in message
    assert "works offline: esm2_bundled, conjoint_triad" in message
    assert not list((tmp_path / "hub" / "checkpoints").iterdir())


def test_wrong_options_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="batch_tokens must be at least 1, got -5"):
        EmbedOptions(batch_tokens=-5)
    with pytest.raises(ConfigError, match="limit must be at least 1, got 0"):
        EmbedOptions(limit=0)


BUNDLED = importlib.resources.files("ppi_ratio.embeddings") / "bundled" / "esm2_bundled.pt"


@pytest.mark.skipif(not BUNDLED.is_file(), reason="made by data_prep/pretrain_bundled_encoder.py")
def test_bundled_encoder_runs_without_network() -> None:
    built = ENCODERS["esm2_bundled"].build(EmbedOptions(device="cpu"))
    assert built.provenance.encoder == "esm2_bundled"
    assert np.isfinite(built.vectors(["MKVLAA", "GGWWU"])).all()
