// Drawing, the choice of group and scorers, sorting, and the start.

function draw(id) {
  const box = byId(id);
  const colours = theme();
  const width = state.printing
    ? (box.closest(".pair") ? PRINT_WIDTH / 2 : PRINT_WIDTH)
    : box.clientWidth;
  const made = groups.length
    ? CHARTS[id](groups[state.group], width, colours)
    : "This run has no results to draw.";
  const isEmpty = typeof made === "string";
  byId(`${id}-title`).querySelector(".save").hidden = isEmpty;
  box.classList.toggle("empty", isEmpty);
  if (isEmpty) {
    Plotly.purge(box);
    box.textContent = made;
    return;
  }
  if (!box.classList.contains("js-plotly-plot")) box.textContent = "";
  Plotly.react(box, made.data, layout(colours, { width, ...made.layout }), {
    displayModeBar: false,
    doubleClick: "reset",
  });
}

/** Draw the charts one by one, and answer clicks in between; a newer call replaces this one. */
async function drawAll() {
  const mine = ++state.drawing;
  fillKeys();
  for (const id of Object.keys(CHARTS)) {
    if (mine !== state.drawing) return;
    draw(id);
    await new Promise((done) => setTimeout(done));
  }
  if (mine === state.drawing) document.documentElement.dataset.drawn = String(mine);
}

function fillKeys() {
  const visible = scorers.map((_, place) => place).filter((place) => !state.hidden.has(place));
  document.querySelectorAll(".key").forEach((list) =>
    list.replaceChildren(...visible.map((place) => {
      const item = document.createElement("li");
      item.append(swatch(place), scorers[place].label);
      return item;
    })));
}

function swatch(place) {
  const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
  const picture = make("svg");
  const line = make("line");
  picture.setAttribute("class", "swatch");
  picture.setAttribute("viewBox", "0 0 26 8");
  picture.setAttribute("aria-hidden", "true");
  picture.style.setProperty("--light", scorers[place].light);
  picture.style.setProperty("--dark", scorers[place].dark);
  picture.style.strokeWidth = scorers[place].width;
  Object.entries({ x1: 0, x2: 26, y1: 4, y2: 4 }).forEach(([key, value]) =>
    line.setAttribute(key, value));
  if (scorers[place].dashes.length) {
    line.setAttribute("stroke-dasharray", scorers[place].dashes.map((part) => part * 2).join(" "));
  }
  picture.append(line);
  return picture;
}

function choice(text, values, onChange) {
  const label = document.createElement("label");
  const select = document.createElement("select");
  label.className = "choice";
  label.append(text, " ", select);
  select.replaceChildren(...values.map(([value, shownAs]) => new Option(shownAs, value)));
  select.addEventListener("change", () => onChange(select.value));
  return { label, select };
}

const DIMENSIONS = [["pairs", "pairs"], ["non_pairs", "non-pairs"], ["critic", "critic"]];
const selects = {};

function buildGroupChoice() {
  DIMENSIONS.forEach(([key, text]) => {
    const values = [...new Set(groups.map((group) => group[key]))];
    const { label, select } = choice(text, values.map((value) => [value, value]), (value) =>
      showGroup(nearest(key, value)));
    select.disabled = values.length < 2;
    selects[key] = select;
    byId("group-choice").append(label);
  });
}

/** The group with this value that has most other values in common with the current group. */
function nearest(key, value) {
  const current = groups[state.group];
  const agreement = (group) =>
    DIMENSIONS.filter(([other]) => group[other] === current[other]).length;
  const able = groups.map((_, place) => place).filter((place) => groups[place][key] === value);
  return able.reduce((best, place) =>
    agreement(groups[place]) > agreement(groups[best]) ? place : best);
}

function showGroup(place) {
  state.group = place;
  const group = groups[place];
  DIMENSIONS.forEach(([key]) => { selects[key].value = group[key]; });
  document.querySelectorAll(".group").forEach((table) => {
    table.hidden = Number(table.dataset.group) !== place;
  });
  tellShown();
  drawAll();
}

function tellShown() {
  const group = groups[state.group];
  const n = scorers.length - state.hidden.size;
  byId("shown-group").textContent = group
    ? `${group.pairs} · ${group.non_pairs} · ${group.critic} · ${n} of ${scorers.length} scorers`
    : "What is shown";
}

function buildScorerChoice() {
  const field = byId("scorer-choice");
  const boxes = [];
  const list = document.createElement("div");
  list.className = "scorers";
  scorers.forEach((scorer, place) => {
    if (isBaseline(place) && (place === 0 || !isBaseline(place - 1))) {
      const title = document.createElement("p");
      title.className = "kind";
      title.textContent = "baselines";
      list.append(title);
    }
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.dataset.scorer = scorer.name;
    box.addEventListener("change", () => showScorers(boxes));
    label.append(box, swatch(place), scorer.label);
    list.append(label);
    boxes.push(box);
  });
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  [["all", () => true], ["no baselines", (place) => !isBaseline(place)], ["none", () => false]]
    .forEach(([text, keep]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = text;
      button.addEventListener("click", () => {
        boxes.forEach((box, place) => { box.checked = keep(place); });
        showScorers(boxes);
      });
      buttons.append(button);
    });
  field.append(buttons, list);
}

function showScorers(boxes) {
  state.hidden = new Set(boxes.flatMap((box, place) => (box.checked ? [] : [place])));
  const hiddenNames = new Set([...state.hidden].map((place) => scorers[place].name));
  document.querySelectorAll("tr[data-scorer]").forEach((row) => {
    row.hidden = hiddenNames.has(row.dataset.scorer);
  });
  tellShown();
  drawAll();
}

function buildChartChoices() {
  if (metrics.length > 1) {
    const { label } = choice("metric", metrics.map((each) => [each.name, each.label]), (value) => {
      state.metric = value;
      draw("differences");
    });
    byId("differences-title").append(label);
  }
  const withDots = new Set(groups.flatMap((group) => group.proteins.map((cloud) => cloud.scorer)));
  if (!withDots.has(state.dots)) state.dots = [...withDots][0] ?? "all";
  if (withDots.size < 2) return;
  const values = [...withDots].sort((a, b) => a - b).map((place) => [place, scorers[place].label]);
  const { label, select } = choice("dots of", [...values, ["all", "all shown scorers"]], (value) => {
    state.dots = value === "all" ? value : Number(value);
    draw("degree");
  });
  select.value = String(state.dots);
  byId("degree-title").append(label);
}

function buildColumnChoice() {
  const n = new Set([...document.querySelectorAll("th.more")].map((head) => head.cellIndex)).size;
  if (!n) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  const tell = () => {
    const all = document.documentElement.classList.contains("all-metrics");
    button.setAttribute("aria-pressed", String(all));
    button.textContent = all ? "fewer metrics" : `${n} more metrics`;
  };
  button.addEventListener("click", () => {
    document.documentElement.classList.toggle("all-metrics");
    tell();
  });
  tell();
  byId("results-note").before(button);
}

function buildSaveButtons() {
  Object.keys(CHARTS).forEach((id) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet save";
    button.textContent = "save SVG";
    button.addEventListener("click", () =>
      Plotly.downloadImage(byId(id), { format: "svg", filename: id }));
    byId(`${id}-title`).append(button);
  });
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) =>
    head.querySelector("button").addEventListener("click", (event) => {
      const first = event.currentTarget.dataset.first;
      const sorted = head.getAttribute("aria-sort");
      const other = first === FIRST ? "descending" : FIRST;
      const order = sorted === first ? other : first;
      heads.forEach((each) => each.setAttribute("aria-sort", each === head ? order : "none"));
      table.querySelectorAll("tbody.models, tbody.baselines").forEach((body) =>
        body.append(...[...body.rows].sort(byColumn(column, order === FIRST ? 1 : -1))));
    }));
}

function byColumn(column, sign) {
  return (a, b) => {
    const [left, right] = [a, b].map((row) => row.cells[column].dataset.order);
    if (left === "" || right === "") return (left === "") - (right === "");
    const [x, y] = [Number(left), Number(right)];
    return sign * (Number.isNaN(x) || Number.isNaN(y) ? left.localeCompare(right) : x - y);
  };
}

document.documentElement.classList.add("js");
if (window.matchMedia("(max-width: 63.99rem)").matches) {
  document.querySelector(".controls").open = false;
}
window.matchMedia("(min-width: 64rem)").addEventListener("change", (wide) => {
  document.querySelector(".controls").open = wide.matches;
});
document.querySelectorAll("table.results").forEach(makeSortable);
buildGroupChoice();
buildScorerChoice();
buildChartChoices();
buildColumnChoice();
buildSaveButtons();
if (groups.length) showGroup(0);
else drawAll();

let lastWidth = window.innerWidth;
let waiting = 0;
window.addEventListener("resize", () => {
  if (window.innerWidth === lastWidth) return;
  lastWidth = window.innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(drawAll, 150);
});
dark.addEventListener("change", drawAll);
const drawForPrint = (printing) => {
  state.printing = printing;
  state.drawing += 1;
  Object.keys(CHARTS).forEach(draw);
};
window.addEventListener("beforeprint", () => drawForPrint(true));
window.addEventListener("afterprint", () => drawForPrint(false));
