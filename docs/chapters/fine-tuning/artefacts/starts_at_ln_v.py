"""Drill: a LoRA run starts at a loss of ln(vocab) and creeps.

Planted: the checkpoint's names begin with "model.", the decoder's do not. load_state_dict(strict=False) loads nothing
and says so only in a return value that nobody reads; LoRA then trains adapters over a frozen random base. Run for real.

Writes starts_at_ln_v.svg and .txt, which the drill shows, and starts_at_ln_v-mended.svg and -mended.txt for its
solution.
"""

import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from two_licences import CHARACTERS, NEW, held_out_loss, new_decoder, save, trained_base, tuned

from hooks.draw import Chart
from snippets.lora.inject import trainable_parameters

STEPS = 300
base = trained_base()
checkpoint = {f"model.{name}": tensor for name, tensor in base.state_dict().items()}


def run(state: dict) -> tuple[list[float], str, float]:
    """Losses, the log of the run, and the loss on held-out text."""
    model = new_decoder(seed=5)
    lost = model.load_state_dict(state, strict=False)
    losses = tuned(model, STEPS)
    trained, whole = sum(trainable_parameters(model).values()), sum(p.numel() for p in model.parameters())
    log = "loaded base.pt\n"
    log += f"trainable {trained:,} of {whole:,} parameters\n"
    log += "".join(f"step {step:3}  loss {losses[step]:.3f}\n" for step in (0, 1, 2, 10, 50, 100, 200, STEPS - 1))
    end = held_out_loss(model, NEW)
    log += f"held out  loss {end:.3f}\n"
    return losses, log, f"missing keys {len(lost.missing_keys)}, unexpected keys {len(lost.unexpected_keys)}\n"


def chart(runs: dict[str, list[float]], seen: str) -> Chart:
    start = math.log(len(CHARACTERS))
    drawn = Chart("Training loss of a LoRA run", seen, x=(0, STEPS), y=(0, 4), right=24)
    drawn.y_axis("training loss, nats", [0, 1, 2, 3, 4])
    drawn.x_axis("step", range(0, STEPS + 1, 100))
    drawn.limit(start, f"ln {len(CHARACTERS)}")
    for look, losses in zip(("main", "data"), runs.values(), strict=False):
        drawn.curve(range(0, STEPS, 5), losses[::5], look=look)
    for look, (name, losses) in zip(("accent b", ""), runs.items(), strict=False):
        drawn.label(STEPS * 0.6, losses[STEPS * 6 // 10] - 0.45, name, look=look)
    return drawn


shown, log, lost = run(checkpoint)
mended, mended_log, none_lost = run(base.state_dict())
save(__file__, log)
save(__file__, lost + "\n" + none_lost + mended_log, "mended")
chart({"": shown}, f"One curve. It starts at the dashed line of ln {len(CHARACTERS)}, {shown[0]:.2f} nats, drops a little "
      f"and then creeps; after {STEPS} steps it is at {shown[-1]:.2f}.").save(__file__)
chart({"base loaded": mended, "as shown": shown},
      f"Two curves. With the base loaded the run starts at {mended[0]:.2f} and falls to {mended[-1]:.2f}; the other "
      f"starts at ln {len(CHARACTERS)} and stays above 3.").save(__file__, panel="mended")
