"""A session at a terminal as one SVG file that plays by itself: no script, no font, nothing from elsewhere.

Whoever has asked for less motion sees its end.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from rich.console import Console
from rich.text import Text

COLUMNS, ROWS = 100, 24
CELL, LINE, MARGIN = 8.0, 18, 16
WIDTH, HEIGHT = int(COLUMNS * CELL + 2 * MARGIN), ROWS * LINE + 2 * MARGIN

TYPING, LOOK, PER_LINE, MOST, END = 0.6, 1.2, 0.35, 5.0, 6.0
"""Seconds: before a command, after an output and for each of its lines, at most after one, and at the end."""

STYLE = """\
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9; white-space: pre }
.window { fill: #1e2430; stroke: #3b4252 }
.command, .bold { font-weight: bold; fill: #ffffff }
.prompt { fill: #88c0d0 } .red { fill: #ff7b85 } .green { fill: #a3d39c } .yellow { fill: #f0cf83 } .dim { fill: #9aa5b8 }
"""

COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
"""By their numbers in escape sequences; those that are used have a rule in the style."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A command and what it printed, with its colours as escape sequences."""

    command: str
    output: str


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that appear together, after so many seconds, from a row on."""

    lines: Sequence[str]
    second: float
    row: int


def picture(title: str, session: Sequence[Shown]) -> str:
    """The session as SVG."""
    blocks = tuple(_blocks(session))
    end = blocks[-1].second + END
    drawn = "".join(_block(number, block) for number, block in enumerate(blocks))
    spoken = escape("\n".join(f"$ {each.command}" for each in session))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-labelledby="title commands">\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="commands">{spoken}</desc>\n'
        f"<style>\n{STYLE}{_motion(blocks, end)}</style>\n"
        f'<rect class="window" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>\n'
        f'<svg x="{MARGIN}" y="{MARGIN}" width="{WIDTH - 2 * MARGIN}" height="{ROWS * LINE}">\n'
        f'<g id="screen">\n{drawn}</g>\n</svg>\n</svg>\n'
    )


def _blocks(session: Sequence[Shown]) -> Iterator[_Block]:
    second, row = 0.0, 0
    for shown in session:
        command = [
            f'<tspan class="prompt">$ </tspan><tspan class="command">{escape(line)}</tspan>'
            for line in _folded(shown.command, COLUMNS - 2)
        ]
        yield _Block(command, second, row)
        row += len(command)
        second += TYPING
        if output := [_coloured(line) for line in _terminal_lines(shown.output)]:
            yield _Block(output, second, row)
            row += len(output)
            second += min(LOOK + PER_LINE * len(output), MOST)


def _folded(text: str, width: int) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)]


def _terminal_lines(output: str) -> Iterator[Text]:
    """The lines as a terminal has them: what is too long goes on in the next."""
    for line in output.splitlines():
        text = Text.from_ansi(line)
        yield from text.divide(range(COLUMNS, max(len(text), 1), COLUMNS))


def _coloured(line: Text) -> str:
    console = Console(file=io.StringIO(), width=COLUMNS, color_system="standard", force_terminal=True)
    spans = []
    for segment in line.render(console):
        style = segment.style
        names = [COLOURS[style.color.number or 0]] if style and style.color else []
        names += [name for name in ("bold", "dim") if style and getattr(style, name)]
        text = escape(segment.text)
        spans.append(f'<tspan class="{" ".join(names)}">{text}</tspan>' if names else text)
    return "".join(spans)


def _block(number: int, block: _Block) -> str:
    lines = "".join(
        f'<text x="0" y="{(block.row + index) * LINE + 13}">{line}</text>\n'
        for index, line in enumerate(block.lines)
    )
    return f'<g id="b{number}">\n{lines}</g>\n'


def _motion(blocks: Sequence[_Block], end: float) -> str:
    """When each block appears, and how far the screen has moved up by then; all of it again and again."""
    rules, ups = [], []
    for number, block in enumerate(blocks):
        begins = 100 * block.second / end
        up = max(block.row + len(block.lines) - ROWS, 0) * LINE
        ups.append(f"{begins:.2f}% {{ transform: translateY(-{up}px) }}")
        hidden = "" if number == 0 else "0% { opacity: 0 } "
        rules.append(f"@keyframes b{number} {{ {hidden}{begins:.2f}%, 100% {{ opacity: 1 }} }}")
        rules.append(f"#b{number} {{ animation: b{number} {end:.1f}s step-end infinite }}")
    last = f"translateY(-{up}px)"
    rules.append(f"@keyframes up {{ {' '.join(ups)} 100% {{ transform: {last} }} }}")
    rules.append(f"#screen {{ animation: up {end:.1f}s step-end infinite }}")
    rules.append(
        "@media (prefers-reduced-motion: reduce) { "
        f"#screen {{ animation: none; transform: {last} }} g {{ animation: none !important }} }}"
    )
    return "\n".join(rules) + "\n"
