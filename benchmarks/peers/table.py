"""The rows of `benchmarks/engine.py` as tables, and the bars they are held to."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from peers.environments import NOT_RUN

HEADING = "## The engine beside its peers (`benchmarks/engine.py`)"
STAGE_1 = "studio, stage 1 alone"

Row = dict[str, object]


def put_into(path: Path, rows: Sequence[Row]) -> None:
    """Replace the section of a file that holds the tables, or add it at the end."""
    text = path.read_text() if path.exists() else ""
    section = "\n".join([HEADING, "", *_lines(rows)]) + "\n"
    if HEADING in text:
        before, _, after = text.partition(HEADING)
        following = after.find("\n## ")
        rest = after[following:] if following >= 0 else ""
        text = before + section + rest
    else:
        text = f"{text.rstrip()}\n\n{section}" if text else section
    path.write_text(text)


def _lines(rows: Sequence[Row]) -> list[str]:
    done = [row for row in rows if "dice" in row]
    lines = [
        "Medians over seeds; core-seconds are those of all threads and children. SXT Studio is",
        "charged for all that Train brings about, the peers for their training steps only. Surface",
        "Dice has a tolerance of one voxel. Peak memory is that of the process itself.",
        "",
    ]
    for group in dict.fromkeys(_group(row) for row in done):
        lines += [*_table([row for row in done if _group(row) == group], *group), ""]
    lines += [f"Not run: {tool} ({why})." for tool, why in NOT_RUN.items()]
    failed = [row for row in rows if "failed" in row]
    lines += [
        f"Failed: {r['tool']}, {r['kind']}, {r['minutes']} min: {r['failed']}" for r in failed
    ]
    lines += [f"Skipped: {row['skipped']}." for row in rows if "skipped" in row]
    lines += ["", *_gpu([row for row in rows if row.get("tool") == "gpu"])]
    return [*lines, *_bars(done)]


def _group(row: Row) -> tuple[object, ...]:
    return (row["kind"], row["set"], row["minutes"], row["size"], row["threads"])


def _table(
    rows: Sequence[Row],
    kind: object,
    test_set: object,
    minutes: object,
    size: object,
    cores: object,
) -> list[str]:
    classes = list(dict.fromkeys(name for row in rows for name in _dict(row, "dice")))
    head = ["tool", "mean Dice", "surface", *classes, "steps", "core-s", "core-s a step"]
    head += ["core-s a Mvoxel", "peak MB", "start-up core-s", "preparing core-s", "seeds"]
    threads = "a thread" if cores == 1 else f"{cores} threads"
    budget = f"{float(str(minutes)):.3g} minutes of two cores, {threads} a tool"
    lines = [
        f"{kind}, {test_set}, {budget}, {size} voxels an edge:",
        "",
        "| " + " | ".join(head) + " |",
        "|---" * len(head) + "|",
    ]
    for tool in dict.fromkeys(row["tool"] for row in rows):
        mine = [row for row in rows if row["tool"] == tool]
        cells = [_mid(mine, "mean_dice", ".3f"), _mid(mine, "mean_surface_dice", ".3f")]
        cells += [_middle((_dict(r, "dice").get(name) for r in mine), ".3f") for name in classes]
        cells += [_mid(mine, "steps", ".0f"), _mid(mine, "training_core_s", ".0f")]
        cells += [
            _mid(mine, "step_core_s", ".3f"),
            _mid(mine, "predicting_core_s_per_mvoxel", ".1f"),
        ]
        cells += [_mid(mine, "peak_rss_mb", ".0f"), _mid(mine, "start_up_core_s", ".1f")]
        cells += [_mid(mine, "preparing_core_s", ".0f"), str(len(mine))]
        lines.append(f"| {tool} {mine[0].get('version', '')} | " + " | ".join(cells) + " |")
    return lines


def _gpu(rows: Sequence[Row]) -> list[str]:
    lines: list[str] = []
    for row in rows:
        facts = [f"{name} {value}" for name, value in row.items() if name not in ("tool", "key")]
        lines += [f"GPU: {', '.join(facts)}.", ""]
    return lines


def _dict(row: Row, key: str) -> dict[str, float | None]:
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def _middle(values: Iterable[object], form: str) -> str:
    known = [value for value in values if isinstance(value, int | float)]
    return format(median(known), form) if known else "–"


def _mid(rows: Sequence[Row], key: str, form: str) -> str:
    return _middle((row.get(key) for row in rows), form)


def _bars(rows: Sequence[Row]) -> list[str]:
    """Return a line for each bar that the rows can decide."""
    found: list[str] = []
    for kind, test_set in dict.fromkeys((row["kind"], row["set"]) for row in rows):
        here = [row for row in rows if (row["kind"], row["set"]) == (kind, test_set)]
        for minutes in sorted({float(str(row["minutes"])) for row in here}):
            now = [row for row in here if float(str(row["minutes"])) == minutes]
            found += _bars_of(f"{kind}, {test_set}, {minutes:g} min", test_set, now)
        found += _late_peer(f"{kind}, {test_set}", here)
    return ["Bars:", "", *found] if found else []


def _bars_of(where: str, test_set: object, rows: Sequence[Row]) -> list[str]:
    peers = sorted({str(r["tool"]) for r in rows} - {"studio", STAGE_1})
    found: list[str] = []
    ours = _number(rows, "studio", "mean_dice")
    theirs = {tool: _number(rows, tool, "mean_dice") for tool in peers}
    best = max(theirs, key=lambda tool: theirs[tool] or 0.0, default=None)
    if ours is not None and best is not None:
        ahead = ours - (theirs[best] or 0.0)
        least = 0.03 if test_set == "wedge" else 0.0
        words = f"{where}: mean Dice {ours:.3f}, best peer {best} {theirs[best]:.3f}"
        found.append(_verdict(ahead >= least, words))
    for tool, part in (("nnunet", 0.1), ("nnunet-small", 0.1), ("monai", 0.5)):
        found += _cheaper(where, rows, tool, part)
    memory = [m for tool in peers if (m := _number(rows, tool, "peak_rss_mb")) is not None]
    mine = _number(rows, "studio", "peak_rss_mb")
    if mine is not None and memory:
        words = f"{where}: peak {mine:.0f} MB, least of the peers {min(memory):.0f} MB"
        found.append(_verdict(mine <= min(memory), words))
    return found + _stages(where, rows)


def _cheaper(where: str, rows: Sequence[Row], tool: str, part: float) -> list[str]:
    key = "predicting_core_s_per_mvoxel"
    ours, theirs = _number(rows, "studio", key), _number(rows, tool, key)
    if ours is None or not theirs:
        return []
    words = f"{where}: segmenting takes {ours / theirs:.2f} of {tool}'s core-seconds"
    return [_verdict(ours <= part * theirs, f"{words} (at most {part:g})")]


def _stages(where: str, rows: Sequence[Row]) -> list[str]:
    def mitochondria(tool: str) -> float | None:
        mine = [r for r in rows if r["tool"] == tool]
        known = [v for r in mine if (v := _dict(r, "dice").get("mitochondria")) is not None]
        return median(known) if known else None

    first, last = mitochondria(STAGE_1), mitochondria("studio")
    if first is None or last is None:
        return []
    words = f"{where}: mitochondria {last:.3f}, stage 1 alone {first:.3f}"
    return [_verdict(last >= first + 0.05, words)]


def _late_peer(where: str, rows: Sequence[Row]) -> list[str]:
    """Hold our Dice after 2 minutes against nnU-Net's best after 10."""

    def at(minutes: float) -> list[Row]:
        return [row for row in rows if row["minutes"] == minutes]

    ours = _number(at(2), "studio", "mean_dice")
    names = ("nnunet", "nnunet-small", "nnunet-cascade")
    theirs = [v for name in names if (v := _number(at(10), name, "mean_dice")) is not None]
    if ours is None or not theirs:
        return []
    words = f"{where}: mean Dice {ours:.3f} after 2 min, nnU-Net's best {max(theirs):.3f} after 10"
    return [_verdict(ours >= max(theirs), words)]


def _number(rows: Sequence[Row], tool: str, key: str) -> float | None:
    values = [r.get(key) for r in rows if r["tool"] == tool]
    known = [value for value in values if isinstance(value, int | float)]
    return median(known) if known else None


def _verdict(held: bool, words: str) -> str:
    return f"- {'held' if held else '**missed**'}: {words}"
