"""Paths, and files that appear whole or not at all."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

import nn
import viz
from autograd import DataError, Tensor, reference
from nn import optim
from nn.files import why_unwritable
from nn.training import Checkpoint


def train(**options):
    return nn.fit(
        nn.Linear(1, 1, rng=0), [[0.0], [1.0]], [0.0, 1.0], loss="mse", optimizer=optim.SGD(lr=0.1),
        batch_size=2, rng=0, **options,
    )  # fmt: skip


USES = {
    "save": lambda path: nn.save(nn.Linear(1, 1), path),
    "load": nn.load,
    "load_idx": nn.data.load_idx,
    "save_idx": lambda path: nn.data.save_idx(np.zeros(1, np.uint8), path),
    "load_mnist": nn.data.load_mnist,
    "Checkpoint": Checkpoint,
    "resume": lambda path: train(resume=path),
}


@pytest.mark.parametrize("name", USES)
def test_what_is_no_path_is_refused(name):
    with open(__file__, "rb") as file:
        for wrong in (file.fileno(), file, 1.5, "a\0b"):
            with pytest.raises(DataError, match=f"{name} expects a path"):
                USES[name](wrong)
        assert file.read(3) == b'"""'  # no use of its number has closed it


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_who_may_read_a_file_is_up_to_the_umask(mask, tmp_path, monkeypatch):
    before = os.umask(mask)
    try:
        paths = [
            nn.save(nn.Linear(1, 1), tmp_path / "model.npz"),
            nn.data.save_idx(np.zeros(1, np.uint8), tmp_path / "one.idx"),
        ]
        train(callbacks=[Checkpoint(tmp_path / "run.npz")])
        with monkeypatch.context() as patch:  # the process's own is never touched: threads share it
            patch.delattr(os, "umask")
            paths.append(viz.draw(Tensor(2.0) * 3.0).save(tmp_path / "f.dot"))
            reference.main(["-o", str(tmp_path / "gates.md")])
    finally:
        os.umask(before)
    for path in (*paths, tmp_path / "run.npz", tmp_path / "gates.md"):
        assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_why_a_file_cannot_be_written_is_known_beforehand(tmp_path, monkeypatch):
    assert why_unwritable(tmp_path / "run.npz") is None
    assert "is a folder" in why_unwritable(tmp_path)
    assert "there is no folder" in why_unwritable(tmp_path / "none" / "run.npz")
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    assert "is read-only" in why_unwritable(tmp_path / "run.npz")
