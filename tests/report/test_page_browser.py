"""The page in Chromium: opened, clicked, used with the keyboard, and printed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import run_folder
from chromium import PROGRAM, Chromium
from programs import needs
from run_folder import HOSTILE_IDS

from ppi_ratio.report.page import write_report

pytestmark = [
    needs(PROGRAM, remedy="put chromium on the PATH (Debian: apt-get install chromium)"),
    pytest.mark.slow,
]

CHARTS = (
    "differences", "roc", "precision_recall", "reliability", "scores", "distribution", "degree",
    "history",
)  # fmt: skip
DRAWN = "document.documentElement.dataset.drawn"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(run_folder.write(tmp_path_factory.mktemp("runs") / "run"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def laptop(chromium: Chromium, page: Path) -> Chromium:
    chromium.open(page, width=1280)
    chromium.wait_for(DRAWN)
    return chromium


@pytest.fixture
def browser(laptop: Chromium) -> Chromium:
    """The page at the width of a laptop, with C2 pairs and every scorer shown."""
    act(
        laptop,
        "document.querySelector('#scorer-choice .buttons button').click();" + choose(pairs="C2"),
    )
    return laptop


def choose(**values: str) -> str:
    """A script that chooses a group in the selectors."""
    order = ("pairs", "non_pairs", "critic")
    return "".join(
        "{"
        f"const choice = document.querySelectorAll('#group-choice select')[{order.index(name)}];"
        f"choice.value = '{value}'; choice.dispatchEvent(new Event('change'));"
        "}"
        for name, value in ({"critic": "separable"} | values).items()
    )


def act(browser: Chromium, script: str) -> None:
    """Run a script that changes what is shown, and wait until the page has drawn it."""
    browser.evaluate(f"delete {DRAWN}; (() => {{ {script} }})()")
    browser.wait_for(DRAWN)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_page_draws_all_charts_within_the_window_without_errors_or_requests(
    page: Path, width: int, scheme: str
) -> None:
    with Chromium() as browser:
        browser.open(page, width=width, scheme=scheme)
        browser.wait_for(DRAWN)
        act(browser, choose(pairs="C2"))
        n_traces = {
            name: browser.evaluate(f"document.querySelectorAll('#{name} .trace').length")
            for name in CHARTS
        }
        assert all(n_traces.values()), n_traces
        assert browser.evaluate("innerWidth") == width
        assert browser.evaluate("document.scrollingElement.scrollWidth") <= width
        assert browser.errors == []
        fetched = [each for each in browser.requests if not each.startswith("data:")]
        assert fetched == [page.as_uri()]


def test_unticking_a_scorer_with_the_keyboard_hides_it_everywhere(browser: Chromium) -> None:
    drawn = "[...document.querySelectorAll('.js-plotly-plot')].filter(chart => " + (
        "chart.data.some(line => [line.name, ...(line.text ?? [])]"
        ".some(text => /(^|>)NCE($|<| −|:)/.test(text)))).map(chart => chart.id)"
    )
    assert set(browser.evaluate(drawn)) == set(CHARTS)
    browser.evaluate(f"delete {DRAWN}")
    browser.evaluate("document.querySelector('input[data-scorer=nce]').focus()")
    browser.press(" ", 32)
    browser.wait_for(DRAWN)
    assert browser.evaluate(drawn) == []
    rows = "[...document.querySelectorAll('tr[data-scorer=nce]')].every(row => row.hidden)"
    assert browser.evaluate(rows)
    assert browser.errors == []


def test_every_chart_says_if_no_scorer_is_chosen(browser: Chromium) -> None:
    act(browser, "document.querySelector('#scorer-choice .buttons button:last-child').click()")
    texts = browser.evaluate("[...document.querySelectorAll('.chart')].map(box => box.textContent)")
    assert set(texts) == {"No scorer is shown; choose one in the list of scorers."}


def test_group_without_curves_says_so(browser: Chromium) -> None:
    act(browser, choose(pairs="C2", critic="bilinear"))
    assert "No score distributions" in browser.evaluate(
        "document.getElementById('scores').textContent"
    )
    captions = browser.evaluate(
        "[...document.querySelectorAll('.group')].filter(group => !group.hidden)"
        ".map(group => group.querySelector('.caption').textContent)"
    )
    assert len(captions) == 1
    assert "bilinear critic" in captions[0]


def test_c3_pairs_have_no_chart_against_degree(browser: Chromium) -> None:
    act(browser, choose(pairs="C3"))
    text = browser.evaluate("document.getElementById('degree').textContent")
    assert "same number of training pairs" in text


def test_ids_stay_text_when_hovered(browser: Chromium) -> None:
    hovered = browser.evaluate(
        """(async () => {
            const chart = document.getElementById("degree");
            const texts = [];
            for (const pointNumber of [0, 1, 2]) {
                Plotly.Fx.hover(chart, [{ curveNumber: 0, pointNumber }]);
                await new Promise((done) => setTimeout(done, 200));
                texts.push(chart.querySelector(".hoverlayer").textContent);
            }
            return texts;
        })()"""
    )
    for text, name in zip(hovered, HOSTILE_IDS, strict=True):
        assert text.startswith(name)
    assert browser.evaluate("document.querySelectorAll('.hoverlayer img, svg script').length") == 0
    assert browser.evaluate("document.title") == "Yeast <em>pairs</em>"
    assert browser.errors == []


def test_table_is_sorted_by_a_click_on_a_head(browser: Chromium) -> None:
    order = """(() => {
        const group = [...document.querySelectorAll(".group")].find((each) => !each.hidden);
        group.querySelector("thead button").click();
        return [...group.querySelectorAll(".models tr")].map((row) => row.dataset.scorer);
    })()"""
    rising = ["infonce", "infonce_anchor", "nce", "nce ensemble"]
    assert browser.evaluate(order) == rising
    assert browser.evaluate(order) == rising[::-1]
    assert browser.evaluate("document.querySelectorAll('[aria-sort=descending]').length") >= 1


def test_hidden_metrics_are_shown_on_demand(browser: Chromium) -> None:
    shown = """[...document.querySelectorAll(".group:not([hidden]) thead th")]
        .filter((head) => head.checkVisibility()).map((head) => head.innerText)"""
    assert "log loss" not in browser.evaluate(shown)
    browser.evaluate("document.querySelector('#results > .quiet').click()")
    assert "log loss" in browser.evaluate(shown)


def test_print_is_light_and_fits_the_paper(browser: Chromium) -> None:
    widths = "[...document.querySelectorAll('.main-svg')].map(each => each.clientWidth)"
    ink = "document.getElementById('roc').layout.font.color"
    browser.evaluate(f"delete {DRAWN}")
    browser.prefer("dark")
    browser.wait_for(DRAWN)
    on_screen = browser.evaluate(ink)
    browser.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert max(browser.evaluate(widths)) <= 660
    assert browser.evaluate(ink) == "#1f2226"
    browser.evaluate("dispatchEvent(new Event('afterprint'))")
    assert browser.evaluate(ink) == on_screen != "#1f2226"
    assert max(browser.evaluate(widths)) > 660


def test_chart_is_saved_without_a_request(browser: Chromium) -> None:
    saved = browser.evaluate(
        """new Promise((done) => {
            const make = URL.createObjectURL;
            URL.createObjectURL = (blob) => {
                URL.createObjectURL = make;
                done(blob.type);
                return make.call(URL, blob);
            };
            document.querySelector("#roc-title .save").click();
        })"""
    )
    assert saved.startswith("image/svg+xml")
    assert browser.errors == []
