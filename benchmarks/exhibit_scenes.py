"""Pictures that look alike and are no copies: bursts of a camera, chains, pages of one template."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from benchmarks.exhibit_edits import Made, saved_again, shot
from benchmarks.exhibit_pictures import picture

_CHAIN_STEP = 0.008
"""Share of the width by which a step of a chain moves on: 10 to 20 bits each."""


def burst(shots: int, rng: np.random.Generator) -> Iterator[tuple[int, Made]]:
    """(number of the shot, picture): the hand moves, the light changes, now and then one is saved
    again with its moment kept."""
    width, height = 360, 270
    scene = picture(rng, (520, 400))
    moment = datetime(2019, 3, 1) + timedelta(seconds=int(rng.integers(0, 10**8)))
    x, y, made, number = 60.0, 50.0, None, 0
    for _ in range(shots):
        if made is not None and rng.random() < 0.12:
            yield number, saved_again(made, rng)
            continue
        number += 1
        moment += timedelta(milliseconds=int(rng.integers(120, 900)))
        angle = rng.uniform(0, 2 * np.pi)
        far = rng.uniform(0.012, 0.04) * width
        x = min(max(x + far * np.cos(angle), 0.0), 520.0 - width)
        y = min(max(y + far * np.sin(angle), 0.0), 400.0 - height)
        box = (x, y, x + width, y + height)
        seen = scene.resize((width, height), Image.Resampling.BICUBIC, box=box)
        seen = ImageEnhance.Brightness(seen).enhance(float(rng.uniform(0.95, 1.05)))
        fraction = f"{moment.microsecond // 1000:03d}"
        made = shot(seen, rng, moment.strftime("%Y:%m:%d %H:%M:%S"), fraction)
        yield number, made


def chain(steps: int, rng: np.random.Generator) -> Iterator[Made]:
    """A window that moves over a scene: each step is near the last one, the ends are far apart."""
    width, height = 300, 240
    scene = picture(rng, (round(width * (1 + _CHAIN_STEP * steps)) + 2, height))
    for step in range(steps):
        left = step * _CHAIN_STEP * width
        seen = scene.resize(
            (width, height), Image.Resampling.BICUBIC, box=(left, 0, left + width, height)
        )
        yield Made(seen, f"moved {left:.1f} px", "jpg", {"quality": 90})


def template(pages: int, rng: np.random.Generator) -> Iterator[Made]:
    """One ground and layout; a small picture and lines of text of each page's own."""
    width, height = 400, 300
    ground = picture(rng, (width, height))
    for page in range(pages):
        sheet = ground.copy()
        draw = ImageDraw.Draw(sheet)
        sheet.paste(picture(rng, (150, 130)), (30, 90))
        for row in range(6):
            right = int(rng.integers(250, 390))
            draw.rectangle((215, 84 + 22 * row, right, 94 + 22 * row), fill=(250, 250, 250))
        yield Made(sheet, f"page {page}", "jpg", {"quality": 90})
