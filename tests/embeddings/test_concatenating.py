"""Vectors of two encoders side by side."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import Run
from quick_fit import fit_with

import ppi_ratio as pr
from ppi_ratio.embeddings import Embeddings, EmbedOptions, Provenance, concatenate
from ppi_ratio.embeddings.concatenating import origins_of
from ppi_ratio.errors import ConfigError, InputError, ProvenanceError
from ppi_ratio.sequences import write_fasta

AS_IT_IS = EmbedOptions()
FASTA = {"a": "MKVLAW", "b": "AGVAIRKKLD", "c": "WWYFMKTAYI"}


def made(encoder: str, sequences: dict[str, str], options: EmbedOptions = AS_IT_IS) -> Embeddings:
    return pr.embed(pr.Proteins(sequences), encoder=encoder, options=options, progress=False)


def test_rows_are_matched_by_id_and_put_side_by_side() -> None:
    triads = made("conjoint_triad", FASTA)
    reversed_order = made("hydropathy_charge", dict(reversed(FASTA.items())))
    both = concatenate([triads, reversed_order])
    assert both.ids == triads.ids
    assert both.dim == triads.dim + reversed_order.dim
    backwards = both.matrix([2, 0])
    np.testing.assert_array_equal(backwards[:, : triads.dim], triads.matrix([2, 0]))
    np.testing.assert_array_equal(backwards[:, triads.dim :], reversed_order.matrix([0, 2]))


def named(origin: Provenance) -> list[tuple[str, int | None, str]]:
    return [(each.encoder, each.layer, each.pooling) for each in origins_of(origin)]


def test_origin_names_every_encoder_layer_and_pooling() -> None:
    esm = Provenance(
        "esm2_tiny", layer=3, pooling="mean_sd", checkpoint="0f", limit=1022, overlap=64
    )
    vectors = Embeddings.from_arrays(["a"], np.ones((1, 2)), esm)
    both = concatenate([vectors, made("conjoint_triad", {"a": "MKVLAW"})]).provenance
    assert named(both) == [
        ("esm2_tiny", 3, "mean_sd"),
        ("conjoint_triad", None, "triad frequencies"),
    ]
    assert (both.limit, both.overlap) == (1022, 64)
    other = concatenate(
        [
            Embeddings.from_arrays(["a"], np.ones((1, 2)), Provenance("esm2_tiny", layer=2)),
            made("conjoint_triad", {"a": "MKVLAW"}),
        ]
    )
    assert not both.same_space(other.provenance)
    assert named(esm) == [("esm2_tiny", 3, "mean_sd")]


@pytest.mark.parametrize("name", ["mine+tuned", "mine@2"])
def test_a_checkpoint_may_be_called_like_several(name: str) -> None:
    assert named(Provenance(name, layer=1)) == [(name, 1, "mean")]


def test_proteins_that_a_part_lacks_are_left_out_and_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fewer = made("hydropathy_charge", {"c": FASTA["c"]})
    both = concatenate([made("conjoint_triad", FASTA), fewer])
    assert both.ids == ("c",)
    assert "2 of 3 proteins left out, e.g. a, which has no vector of hydropathy_charge" in (
        caplog.text
    )


def test_different_sequences_under_one_id_are_refused() -> None:
    other = made("hydropathy_charge", FASTA | {"b": "MMMM"})
    with pytest.raises(InputError, match="b: the vectors were made from different sequences"):
        concatenate([made("conjoint_triad", FASTA), other])


def test_nothing_in_common_too_few_parts_and_unstated_origin_are_refused() -> None:
    triads = made("conjoint_triad", FASTA)
    with pytest.raises(ProvenanceError, match="no protein is in all"):
        concatenate([triads, made("hydropathy_charge", {"z": "MKV"})])
    with pytest.raises(ConfigError, match="at least two"):
        concatenate([triads])
    with pytest.raises(ConfigError, match="name the encoder"):
        concatenate([triads, Embeddings.from_arrays(FASTA, np.ones((3, 2)))])


def test_one_encoder_goes_with_itself_only_if_pooled_otherwise() -> None:
    means, deviations = (
        Embeddings.from_arrays(["a"], np.ones((1, 2)), Provenance("unirep", pooling=pooling))
        for pooling in ("mean", "standard deviation")
    )
    both = concatenate([means, deviations])
    assert named(both.provenance) == [
        ("unirep", None, "mean"),
        ("unirep", None, "standard deviation"),
    ]
    with pytest.raises(ConfigError, match=r"two of the sets .* made by unirep with one pooling"):
        concatenate([both, deviations])


def test_command_writes_one_file_and_wants_the_origin(tmp_path: Path, run: Run) -> None:
    made("conjoint_triad", FASTA).write(tmp_path / "triads.h5")
    np.savez(tmp_path / "others.npz", ids=np.array(list(FASTA)), vectors=np.eye(3))
    files = (tmp_path / "triads.h5", tmp_path / "others.npz", "--out", tmp_path / "both.h5")
    refused = run("concatenate", *files)
    assert refused.code == 2
    assert "others.npz: does not state the encoder of its vectors" in refused.err
    done = run("concatenate", *files, "--encoder", "prott5")
    assert done.code == 0
    assert "3 proteins, conjoint_triad+prott5" in done.out
    assert Embeddings.read(tmp_path / "both.h5").dim == 346


@pytest.mark.parametrize(
    ("first", "options"),
    [
        ("conjoint_triad", EmbedOptions()),
        ("esm2_bundled", EmbedOptions(layer=2, pooling="mean_sd")),
        ("esm2_bundled", EmbedOptions(layer=2, pooling="mean_sd_segments")),
    ],
)
def test_a_model_of_concatenated_vectors_scores_sequences(
    first: str, options: EmbedOptions, tmp_path: Path, run: Run
) -> None:
    rng = np.random.default_rng(0)
    letters = np.array(list("ACDEFGHIKLMNPQRSTVWY"))
    proteins = {f"P{number}": "".join(rng.choice(letters, 30)) for number in range(12)}
    both = concatenate([made(first, proteins, options), made("hydropathy_charge", proteins)])
    names = list(proteins)
    rows = pd.DataFrame({"left": names[:8], "right": names[4:]})
    pairs = pr.PairTable.from_rows(rows, directed=False, name="pairs")
    split = pr.Split.from_tables(train=pairs, validation=pairs, test=pairs)
    model = fit_with(split, both, seed=0, max_epochs=1, batch_size=4, progress=False)
    model.save(tmp_path / "model")
    rows.to_csv(tmp_path / "pairs.tsv", sep="\t", index=False)
    write_fasta(pr.Proteins(proteins), tmp_path / "proteins.fasta")
    asked = ("score", tmp_path / "model", tmp_path / "pairs.tsv", "--out", tmp_path / "scores.tsv")
    assert run(*asked, "--fasta", tmp_path / "proteins.fasta").code == 0
    scores = pd.read_csv(tmp_path / "scores.tsv", sep="\t")["log_ratio"]
    np.testing.assert_allclose(scores, model.score(pairs, both)["log_ratio"], rtol=1e-4)
