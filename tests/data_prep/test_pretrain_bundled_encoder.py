import json
from pathlib import Path

import numpy as np
import pytest
import torch

from data_prep.pretrain_bundled_encoder import main
from ppi_ratio.embeddings.checkpoints import load_model
from ppi_ratio.sequences import STANDARD_RESIDUES, Proteins, write_fasta

BUNDLED = Path(__file__).parents[2] / "ppi_ratio/embeddings/bundled/esm2_bundled.pt"


@pytest.fixture
def fasta(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    letters = np.array(list(STANDARD_RESIDUES))
    sequences = {f"p{number}": "".join(rng.choice(letters, 40)) for number in range(60)}
    write_fasta(Proteins(sequences), tmp_path / "proteins.fasta")
    return tmp_path / "proteins.fasta"


def pretrain(fasta: Path, work: Path, *, steps: int) -> dict[str, torch.Tensor]:
    out = work / "esm2_small.pt"
    main([fasta], work, out, steps=steps, tokens_per_step=512, learning_rate=1e-3, seed=0)
    return load_model(out).state_dict()


@pytest.mark.slow
def test_pretraining_writes_a_checkpoint_that_fair_esm_reads_and_a_report(
    fasta: Path, tmp_path: Path
) -> None:
    weights = pretrain(fasta, tmp_path / "work", steps=3)
    report = json.loads((tmp_path / "work/report.json").read_text())
    assert all(tensor.isfinite().all() for tensor in weights.values())
    assert report["held_out_residues"] == 40
    assert report["masked_nats"]["unigram"] == pytest.approx(np.log(20), abs=0.2)
    assert report["masked_nats"]["model"] != report["masked_nats_untrained"]


@pytest.mark.slow
def test_pretraining_resumes_from_its_last_state(fasta: Path, tmp_path: Path) -> None:
    pretrain(fasta, tmp_path / "work", steps=2)
    state = torch.load(tmp_path / "work/state.pt", weights_only=True)
    pretrain(fasta, tmp_path / "work", steps=3)
    later = torch.load(tmp_path / "work/state.pt", weights_only=True)
    assert (state["step"], later["step"]) == (2, 3)


def test_the_bundled_encoder_is_small_and_an_esm_2() -> None:
    model = load_model(BUNDLED)
    assert type(model).__name__ == "ESM2"
    assert sum(weights.numel() for weights in model.parameters()) <= 2_500_000
    assert BUNDLED.stat().st_size <= 5_000_000
