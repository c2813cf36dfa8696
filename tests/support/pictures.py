"""Pictures, and JPEG files of them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image


def picture(width: int, height: int, mode: str = "RGB", seed: int = 0) -> Image.Image:
    """Soft shapes with some grain."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    channels = []
    for _ in range(len(mode)):
        waves = [
            np.sin(x * random.uniform(-0.2, 0.2) + y * random.uniform(-0.2, 0.2) + random.uniform(0, 6))
            for _ in range(4)
        ]
        edge = 60 * ((x - width / 2) * random.normal() + (y - height / 2) * random.normal() > 0)
        channels.append(90 + 20 * sum(waves) + edge + random.normal(0, 4, (height, width)))
    array = np.clip(np.stack(channels, -1), 0, 255).astype(np.uint8)
    return Image.fromarray(array[..., 0] if mode == "L" else array, mode)


def jpeg(image: Image.Image, **options: Any) -> bytes:
    """A file of it, by Pillow's options."""
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()
