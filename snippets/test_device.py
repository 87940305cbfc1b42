"""A run that asks for the GPU tests fails where there is no GPU."""

import pytest
import torch


@pytest.mark.gpu
def test_a_gpu_run_has_a_gpu():
    # Alone, skipped tests would let a GPU job pass without a GPU.
    assert torch.cuda.is_available(), "no NVIDIA GPU is visible to PyTorch"
