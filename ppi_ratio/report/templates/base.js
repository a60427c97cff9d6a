// Shared by all charts: the data, the current choice, colours, axes and panels.

const report = JSON.parse(document.getElementById("chart-data").textContent);
const { scorers, groups, metrics } = report;
const PRINT_WIDTH = 660;
const ROW = 28;
const THIN = 640;
const DEGREE_TICKS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
const NO_SCORER = "No scorer is shown; choose one in the list of scorers.";
const FIRST = "ascending";
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const coarse = window.matchMedia("(pointer: coarse)").matches;
const state = {
  group: 0,
  hidden: new Set(),
  metric: metrics.length ? metrics[0].name : "",
  dots: report.reference,
  printing: false,
  drawing: 0,
};

const byId = (id) => document.getElementById(id);
const isBaseline = (place) => scorers[place].kind === "baseline";
const shown = (lines) => lines.filter((line) => !state.hidden.has(line.scorer));
const fixed = (value, digits = 3) =>
  value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−");
const signed = (value) => (value > 0 ? "+" : "") + fixed(value);
const whole = (value) => (value === null ? "–" : value.toLocaleString("en"));

// Plotly interprets some HTML in every text, so ids and names are escaped.
const plain = (text) =>
  String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function theme() {
  const style = getComputedStyle(document.documentElement);
  const name = dark.matches && !state.printing ? "dark" : "light";
  const print = { page: "#ffffff", ink: "#1f2226", muted: "#5f656d", rule: "#d9d9d5", grey: "#9a9a9a" };
  const read = (key) =>
    state.printing ? print[key] : style.getPropertyValue(`--${key}`).trim();
  return {
    page: read("page"),
    ink: read("ink"),
    muted: read("muted"),
    rule: read("rule"),
    grey: read("grey"),
    of: (place) => scorers[place][name],
  };
}

const faded = (colour, alpha) => {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${channels.join(",")},${alpha})`;
};

function stroke(place, colours) {
  const { width, dashes } = scorers[place];
  const dash = dashes.length ? dashes.map((part) => `${part * width}px`).join(",") : "solid";
  return { color: colours.of(place), width, dash };
}

function axis(colours, title, more = {}) {
  return {
    title: { text: title, standoff: 10, font: { color: colours.ink, size: 12.5 } },
    gridcolor: colours.rule,
    tickfont: { color: colours.muted },
    zeroline: false,
    automargin: true,
    fixedrange: coarse,
    ...more,
  };
}

function layout(colours, more) {
  return {
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colours.ink },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 10, r: 14, t: 10, b: 10 },
    showlegend: false,
    hovermode: "closest",
    dragmode: coarse ? false : "zoom",
    hoverlabel: {
      bgcolor: colours.page,
      bordercolor: colours.muted,
      font: { color: colours.ink, size: 12.5 },
      align: "left",
      namelength: -1,
    },
    ...more,
  };
}

const dotted = (colours, ends, more = {}) => ({
  type: "line",
  layer: "below",
  line: { color: colours.grey, width: 1, dash: "2px,3px" },
  ...ends,
  ...more,
});

function rowAxis(colours, labels, above) {
  return axis(colours, "", {
    tickvals: labels.map((_, at) => -at),
    ticktext: labels.map((text) => `${plain(text)}  `),
    tickfont: { color: colours.ink, size: 12.5 },
    range: [0.4 - labels.length, -above],
    showgrid: false,
    fixedrange: true,
  });
}

/** The position and axis keys of each of n panels, and a layout to fill. */
function panels(n, width, height, { gap, left, title, colours }) {
  const most = width >= 860 ? 4 : width >= 620 ? 3 : 2;
  const columns = Math.min(most, Math.max(n, 2));
  const rows = Math.ceil(n / columns);
  const inner = [width - left - 12, rows * height + (rows - 1) * gap.y];
  const cell = [(inner[0] - (columns - 1) * gap.x) / columns / inner[0], height / inner[1]];
  const step = [cell[0] + gap.x / inner[0], cell[1] + gap.y / inner[1]];
  return {
    layout: {
      height: inner[1] + 36 + 52,
      margin: { l: left, r: 12, t: 36, b: 52 },
      shapes: [],
      annotations: [{
        text: title,
        x: 0.5,
        y: 0,
        xref: "paper",
        yref: "paper",
        yanchor: "top",
        yshift: -26,
        showarrow: false,
        font: { size: 12.5, color: colours.ink },
      }],
    },
    at: (place) => {
      const [row, column] = [Math.floor(place / columns), place % columns];
      const top = 1 - row * step[1];
      const suffix = place ? String(place + 1) : "";
      return {
        pixels: cell[0] * inner[0],
        x: [column * step[0], column * step[0] + cell[0]],
        y: [Math.max(top - cell[1], 0), top],
        xaxis: `xaxis${suffix}`,
        yaxis: `yaxis${suffix}`,
        xref: `x${suffix}`,
        yref: `y${suffix}`,
      };
    },
  };
}

/** A title over a panel; a long title has two lines. */
function panelTitle(place, label, colours) {
  const isLong = 7.2 * label.length > place.pixels;
  const words = label.split(" ");
  const [first, last] = isLong
    ? [words.slice(0, -1).join(" "), words.at(-1)]
    : [label, ""];
  return {
    text: first && last ? `${plain(first)}<br>${plain(last)}` : plain(label),
    x: place.x[0],
    y: place.y[1],
    xref: "paper",
    yref: "paper",
    xanchor: "left",
    yanchor: "bottom",
    align: "left",
    yshift: 4,
    showarrow: false,
    font: { size: 12.5, color: colours.ink },
  };
}
