"""Checkpoint files in fair-esm's format -> models; unpickling runs no code."""

import argparse
import logging
import pickle
import warnings
import zipfile
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request

import torch
from esm import pretrained
from esm.model.esm1 import ProteinBertModel
from esm.model.esm2 import ESM2

from ppi_ratio.errors import InputError, ProvenanceError, first_line
from ppi_ratio.io.atomic import replacing
from ppi_ratio.io.https import open_https, save_response, stated_size
from ppi_ratio.io.limits import check_stored

URL = "https://dl.fbaipublicfiles.com/fair-esm/models/{name}.pt"  # as in ``esm.pretrained``
NETWORK_SECONDS = 15.0
ESM_1B_ARCHITECTURE = "roberta_large"  # stated in checkpoints of ESM-1b and ESM-1v

logger = logging.getLogger(__name__)

ESMModel = ESM2 | ProteinBertModel


def load_model(path: Path) -> ESMModel:
    """The network of a checkpoint, in float32 on the CPU, in evaluation mode.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        InputError: if the file is not a checkpoint of ESM-1b, ESM-1v or ESM-2, or unpickling it
            would run code.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such checkpoint")
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected a checkpoint file")
    if not path.is_file():
        raise InputError(f"{path}: is a device or a pipe, expected a checkpoint file")
    check_stored(path)
    try:
        content = _unpickle(path)
        # fair-esm chooses the family by the name; a user's file may have any name.
        family = "esm2" if "cfg" in content else "esm1"
        if family == "esm1" and content["args"].arch != ESM_1B_ARCHITECTURE:
            raise InputError(
                f"{path}: holds {content['args'].arch}; only ESM-1b, ESM-1v and ESM-2 work"
            )
        with warnings.catch_warnings():
            # Embedding never predicts contacts, so their regression weights may be absent.
            warnings.filterwarnings("ignore", message="Regression weights not found")
            _check_sizes(content, family, path)
            model, _ = pretrained.load_model_and_alphabet_core(family, content, None)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path}: not a checkpoint that can be read safely ({first_line(error)})"
        ) from error
    except InputError:
        raise
    # torch and fair-esm raise many kinds of errors over damaged bytes and odd sizes
    except Exception as error:
        raise InputError(
            f"{path}: not a whole checkpoint of fair-esm ({type(error).__name__}: "
            f"{first_line(error)}); fetch it again"
        ) from error
    return model.eval()


def official_checkpoint(name: str) -> Path:
    """The file of an official model in torch's hub folder; downloaded if missing.

    Raises:
        ProvenanceError: if the download fails; says where to put the file and what works offline.
        InputError: if the server redirects to an address that is not HTTPS.
    """
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    path = folder / f"{name}.pt"
    if path.exists():
        return path
    url = URL.format(name=name)
    folder.mkdir(parents=True, exist_ok=True)
    logger.info("downloading %s to %s", url, folder)
    try:
        # torch.hub, which ``esm.pretrained`` uses, would also follow a redirect to http://
        _fetch(url, path)
    except (OSError, HTTPException) as error:
        raise ProvenanceError(
            f"{name}: its weights could not be downloaded ({error}). Either fetch {url} elsewhere "
            f"and put it at {path}, or use an encoder that works offline: esm2_bundled, "
            "conjoint_triad, or the path of a checkpoint"
        ) from error
    return path


def _unpickle(path: Path) -> dict:
    # Only files in torch's zip format can be mapped; those of ESM-1b and ESM-1v may be older.
    mapped = zipfile.is_zipfile(path)
    # fair-esm keeps hyperparameters as a Namespace, which holds attributes and runs no code.
    with torch.serialization.safe_globals([argparse.Namespace]):
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    if not isinstance(content, dict) or not {"cfg", "args"} & content.keys():
        raise InputError(f"{path}: not a checkpoint of fair-esm (it names no architecture)")
    return content


def _check_sizes(content: dict, family: str, path: Path) -> None:
    """Refuse a file that claims a larger network than it holds, before allocating memory.

    Raises:
        InputError: if the weights repeat stored numbers, or there are more layers than weights.
        RuntimeError: if a shape does not match its weights.
    """
    weights = content["model"]
    # An expanded tensor claims many numbers and stores one. Tied weights are counted twice here
    # and stored once, hence the factor 2.
    if sum(tensor.nbytes for tensor in weights.values()) > 2 * path.stat().st_size:
        raise InputError(f"{path}: its weights claim more numbers than it holds; fetch it again")
    settings = content["cfg"]["model"] if family == "esm2" else content["args"]
    if settings.encoder_layers > len(weights):
        raise InputError(
            f"{path}: claims {settings.encoder_layers} layers and holds {len(weights)} weights; "
            "fetch it again"
        )
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.filterwarnings("ignore", message=".*copying from a non-meta parameter")
        pretrained.load_model_and_alphabet_core(family, content, None)


def _fetch(url: str, path: Path) -> None:
    with (
        open_https(Request(url), timeout=NETWORK_SECONDS) as response,
        replacing(path) as partial,
    ):
        save_response(response, partial, title="downloading", total=stated_size(response))
