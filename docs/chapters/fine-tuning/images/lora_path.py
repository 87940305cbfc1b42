"""One linear layer with LoRA beside it: shapes of the down projection of Llama 3.1 8B at rank 16."""

from pathlib import Path

import yaml

from hooks.draw import Drawing

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "docs" / "data").is_dir())
shape = yaml.safe_load((ROOT / "docs/data/models/llama-3.1-8b.yml").read_text(encoding="utf-8"))
d, wide, r = shape["d_model"], shape["d_ff"], 16

drawn = Drawing("A LoRA layer with its shapes", "The input of 14,336 numbers goes two ways: through the large frozen "
                "matrix, and through the thin matrices A and B with 16 numbers between them. B's output is scaled and "
                "added.", width=320, height=300)
drawn.text(160, 16, f"x: {wide:,} numbers", "b", "middle")
drawn.line([(160, 22), (160, 36)], "flow")
drawn.line([(84, 54), (84, 36), (250, 36), (250, 54)], "flow")
drawn.arrow((84, 44), (84, 58))
drawn.arrow((250, 44), (250, 58))
drawn.cell(4, 60, 160, 128, 0.15)
drawn.box(4, 60, 160, 128, "axis")
drawn.text(84, 108, "W", "b", "middle")
drawn.text(84, 128, f"{d:,} × {wide:,}", anchor="middle")
drawn.text(84, 148, "frozen: no gradient", "quiet", "middle")
drawn.cell(190, 60, 120, 30, 0.9)
drawn.box(190, 60, 120, 30, "axis")
drawn.text(250, 80, f"A: {r} × {wide:,}", "b", "middle")
drawn.arrow((250, 90), (250, 157))
drawn.text(258, 128, f"r = {r}", "accent b")
drawn.cell(190, 158, 120, 30, 0.9)
drawn.box(190, 158, 120, 30, "axis")
drawn.text(250, 178, f"B: {d:,} × {r}", "b", "middle")
drawn.line([(250, 188), (250, 244), (180, 244)], "flow")
drawn.arrow((190, 244), (172, 244))
drawn.text(257, 212, "zero at", "quiet")
drawn.text(257, 228, "start", "quiet")
drawn.text(214, 236, "× α/r", "b", "middle")
drawn.line([(84, 188), (84, 244), (140, 244)], "flow")
drawn.arrow((136, 244), (148, 244))
drawn.box(150, 234, 20, 20, "axis")
drawn.text(160, 249, "+", "b", "middle")
drawn.arrow((160, 254), (160, 272))
drawn.text(160, 290, f"y: {d:,} numbers", "b", "middle")
drawn.save(__file__)
