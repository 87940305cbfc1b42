"""What every snippet test shares: devices, one thread, reproducible chance."""

import os

import hypothesis
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

# Two pytest workers share two cores; more threads only get in each other's
# way, and the order of additions would depend on the machine.
torch.set_num_threads(1)

# Triton asks when it is first imported, which transformers does too: without
# a GPU its kernels are interpreted.
if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"


class _TorchChance:
    """Lets hypothesis reset PyTorch's generator before each example."""

    seed = staticmethod(torch.manual_seed)
    getstate = staticmethod(torch.get_rng_state)
    setstate = staticmethod(torch.set_rng_state)


_CHANCE = _TorchChance()  # hypothesis keeps only a weak reference
hypothesis.register_random(_CHANCE)
for name, examples, phases in (
    ("daily", 25, hypothesis.Phase),
    ("weekly", 500, hypothesis.Phase),
    ("faults", 25, [hypothesis.Phase.generate]),  # any failure will do
):
    hypothesis.settings.register_profile(
        name,
        max_examples=examples,
        phases=phases,
        derandomize=True,  # the same examples on every run
        database=None,
        deadline=None,  # a slow machine is not a fault
    )
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "daily"))


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(
    scope="session",
    params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)],
)
def device(request: pytest.FixtureRequest) -> torch.device:
    """The CPU always; a GPU where one is asked for with `-m gpu`."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs CUDA: no NVIDIA GPU is visible to PyTorch")
    return torch.device(request.param)


class _TensorsMade(TorchDispatchMode):
    """Shape and type of every tensor that is made meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.all = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            self.all.add((result.shape, result.dtype))
        return result


@pytest.fixture
def tensors_made() -> type[_TensorsMade]:
    """To look into a function: `with tensors_made() as made: ...`."""
    return _TensorsMade
