"""Plots, as SVG files beside the report."""

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt


def lines(folder, name, title, x, y, series):
    """Draws a line for each series of values by number, both axes logarithmic, and returns the Markdown that shows it."""
    figure, axes = _axes(title, x, y)
    for label, values in series.items():
        axes.plot([int(number) for number in values], list(values.values()), marker="o", label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.legend()
    return _save(figure, folder, name, title)


def points(folder, name, title, x, y, values):
    """Draws a point for each pair, and returns the Markdown that shows it."""
    figure, axes = _axes(title, x, y)
    axes.scatter([one for one, _ in values], [other for _, other in values], s=12)
    return _save(figure, folder, name, title)


def _axes(title, x, y):
    figure, axes = plt.subplots(figsize=(7, 4))
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    return figure, axes


def _save(figure, folder, name, title):
    figure.savefig(folder / f"{name}.svg", bbox_inches="tight")
    plt.close(figure)
    return f"![{title}]({name}.svg)"
