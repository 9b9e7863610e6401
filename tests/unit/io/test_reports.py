import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from desktop_app.core.recipe import Recipe
from desktop_app.core.report import Figures, LayerErrors, Report
from desktop_app.core.settings import LayerOverride
from desktop_app.io.recipes import format_recipe
from desktop_app.io.reports import (
    change,
    figure_rows,
    format_report,
    read_report_json,
    times,
    write_report_html,
    write_report_json,
)
from tests.unit.io.reports_for_tests import full_report


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def page() -> str:
    return format_report(full_report(), Recipe(layers={"<b>": LayerOverride(bits=8)}), "model<i>.onnx")


def test_the_json_has_the_keys_that_were_promised(tmp_path: Path) -> None:
    write_report_json(full_report(), tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert {"original", "compressed", "speedup", "machine", "versions", "seeds", "layers"} <= report.keys()
    for side in ("original", "compressed"):
        assert {"bytes", "params", "macs", "latency_ms", "peak_memory", "fidelity"} <= report[side].keys()
        assert {"median", "p95", "ci95"} == report[side]["latency_ms"].keys()
    assert {"sqnr_db", "cosine", "top1_agreement"} <= report["compressed"]["fidelity"].keys()
    assert {"median", "ci95"} <= report["speedup"].keys()
    assert {"cpu", "flags", "threads"} == report["machine"].keys()
    assert read_report_json(tmp_path / "report.json") == full_report()


def test_names_from_files_are_text(page: str) -> None:
    seen = Page(page)
    assert "script" not in seen.tags
    assert "i" not in seen.tags
    assert "</td><script>alert('x')</script>gnp.exe" in seen.text
    assert "model<i>.onnx" in seen.text
    assert "too <small>" in seen.text
    assert "\u202e" not in page
    assert "\x00" not in page


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    seen = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("src", "href", "style")]
    policy = next(value for name, value in seen.attributes if name == "content" and "default-src" in (value or ""))
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy


def test_everything_is_told(page: str) -> None:
    text = " ".join(Page(page).text.split())
    for told in (
        "4.00 MB became 1.00 MB (4.00x smaller)",
        "Speed-up 2.00, 95 % interval 1.90 to 2.10: faster",
        "The machine was busy.",
        "31.5 dB",
        "98.00%",
        "Note & more.",
        "left as it was: too <small>",
        "4,000 → 1,000",
        "A <CPU>, 1 thread",
        "1.32.0",
    ):
        assert told in text
    assert format_recipe(Recipe(layers={"<b>": LayerOverride(bits=8)})).split("\n")[0] in Page(page).text


def test_what_was_not_measured_is_said() -> None:
    empty = full_report()
    bare = Report(Figures(10, 1, 1), Figures(5, 1, 1), None, empty.machine, {}, {}, (), ())
    text = " ".join(Page(format_report(bare, Recipe(), "m.onnx")).text.split())
    assert "The latency was not measured." in text
    assert "No layer was to be changed." in text
    assert [row.original for row in figure_rows(bare.original, bare.compressed)][3:] == ["not measured"] * 4


def test_figures_in_words() -> None:
    assert (times(4, 2), times(4, 0)) == ("2.00x", "-")
    assert (change(1000, 1000), change(1000, 10)) == ("1,000", "1,000 → 10")


def test_infinite_figures_do_not_break_the_json(tmp_path: Path) -> None:
    report = msgspec.structs.replace(full_report(), original=Figures(1, 1, 1, accuracy=float("nan")))
    write_report_json(report, tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text())["original"]["accuracy"] is None


def test_the_page_is_written_whole(tmp_path: Path, page: str) -> None:
    recipe = Recipe(layers={"<b>": LayerOverride(bits=8)})
    write_report_html(full_report(), recipe, "model<i>.onnx", tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8") == page


def test_the_page_is_told_in_the_chosen_language() -> None:
    report = full_report()
    step = msgspec.structs.replace(report.steps[0], step="low_rank", notes=("No rank that was tried keeps 30 dB.",))
    refused = msgspec.structs.replace(report.layers[0], changed=False, reason="its weight is empty")
    changed = msgspec.structs.replace(report, steps=(step,), layers=(refused,))
    page = format_report(changed, Recipe(), "m.onnx", "zh_CN")
    text = " ".join(Page(page).text.split())
    assert ("lang", "zh-CN") in Page(page).attributes
    for told in (
        "m.onnx：压缩报告",
        "4.00 MB 变为 1.00 MB（缩小 4.00x）。",
        "输出的信噪比，在",
        "低秩分解",
        "尝试过的秩都无法保持 30 dB。",
        "保持原样：其权重为空",
        "1 个线程",
    ):
        assert told in text


def test_the_table_of_layers_tells_the_error_of_their_outputs(page: str) -> None:
    text = " ".join(Page(page).text.split())
    assert "27.3 dB" in text
    assert "with all changes before it. On 16 samples." in text
    assert page.count(">exact<") == 1
    report = msgspec.structs.replace(full_report(), layer_errors=LayerErrors({}, 0, False, "It is <too> large."))
    assert "was not measured: It is &lt;too&gt; large." in format_report(report, Recipe(), "model.onnx")


def test_reports_from_before_errors_were_measured_can_be_read(tmp_path: Path) -> None:
    write_report_json(full_report(), tmp_path / "report.json")
    old = json.loads((tmp_path / "report.json").read_text())
    del old["layer_errors"]
    (tmp_path / "report.json").write_text(json.dumps(old))
    assert read_report_json(tmp_path / "report.json").layer_errors is None
