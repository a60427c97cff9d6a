// One function per chart: (group, width, colours) -> Plotly's data and layout, or a text if there is nothing to draw.

function lines(name, titles, { diagonal, level, shape, missing }) {
  return (group, width, colours) => {
    if (!group[name].length) return missing;
    const drawn = shown(group[name]);
    if (!drawn.length) return NO_SCORER;
    const unit = { range: [0, 1.005], dtick: 0.2 };
    const shapes = [];
    if (diagonal) shapes.push(dotted(colours, { x0: 0, y0: 0, x1: 1, y1: 1 }));
    if (level && group.prevalence !== null) {
      shapes.push(dotted(colours, { x0: 0, x1: 1, y0: group.prevalence, y1: group.prevalence }));
    }
    return {
      data: drawn.map((line) => ({
        x: line.x,
        y: line.y,
        name: plain(scorers[line.scorer].label),
        mode: "lines",
        line: { ...stroke(line.scorer, colours), shape },
        hovertemplate: `%{fullData.name}<br>${titles[0]} %{x:.3f}<br>${titles[1]} %{y:.3f}<extra></extra>`,
      })),
      layout: {
        height: Math.min(width, 440),
        xaxis: axis(colours, titles[0], unit),
        yaxis: axis(colours, titles[1], unit),
        shapes,
      },
    };
  };
}

function reliability(group, width, colours) {
  if (!group.reliability.length) return "No reliability curve is stored for this group.";
  const drawn = shown(group.reliability);
  if (!drawn.length) return NO_SCORER;
  const ends = drawn.flatMap((line) => [...line.x, ...line.y, ...(line.high ?? [])]);
  const top = Math.min(1, 1.04 * Math.max(...ends));
  const grid = panels(drawn.length, width, width < THIN ? 130 : 160, {
    gap: { x: 40, y: 64 }, left: 34, title: "mean predicted probability", colours });
  const made = grid.layout;
  const unit = { range: [0, 1.02 * top], nticks: 4, automargin: false };
  const data = drawn.map((line, at) => {
    const place = grid.at(at);
    const colour = colours.of(line.scorer);
    made[place.xaxis] = axis(colours, "", { domain: place.x, anchor: place.yref, ...unit });
    made[place.yaxis] = axis(colours, "", { domain: place.y, anchor: place.xref, ...unit });
    made.annotations.push(panelTitle(place, scorers[line.scorer].label, colours));
    made.shapes.push(dotted(colours, {
      x0: 0, y0: 0, x1: top, y1: top, xref: place.xref, yref: place.yref }));
    return {
      x: line.x,
      y: line.y,
      xaxis: place.xref,
      yaxis: place.yref,
      name: plain(scorers[line.scorer].label),
      mode: "lines+markers",
      line: { color: colour, width: 1.6 },
      marker: { size: 5, color: colour },
      error_y: line.low && {
        array: line.high.map((high, bin) => high - line.y[bin]),
        arrayminus: line.low.map((low, bin) => line.y[bin] - low),
        symmetric: false,
        thickness: 1.2,
        width: 0,
        color: colour,
      },
      text: line.x.map((_, bin) =>
        (line.low ? `<br>interval ${fixed(line.low[bin])} to ${fixed(line.high[bin])}` : "") +
        (line.count ? `<br>${whole(line.count[bin])} pairs` : "")),
      hovertemplate:
        "%{fullData.name}<br>predicted %{x:.3f}<br>observed %{y:.3f}%{text}<extra></extra>",
    };
  });
  return { data, layout: made };
}

function differences(group, width, colours) {
  const metric = metrics.find((each) => each.name === state.metric);
  const all = group.differences.filter(
    (row) => row.metric === state.metric && row.difference !== null);
  byId("differences-note").textContent =
    [...new Set(all.map((row) => row.how).filter(Boolean))].map((how) => `Intervals: ${how}.`).join(" ");
  if (!all.length) return "No paired differences of this metric are stored for this group.";
  const sign = metric.lower_is_better ? 1 : -1;
  const rows = shown(all).sort(
    (a, b) =>
      isBaseline(a.scorer) - isBaseline(b.scorer) ||
      sign * (a.difference - b.difference));
  if (!rows.length) return NO_SCORER;
  const references = new Set(all.map((row) => row.reference));
  const several = references.size > 1;
  const wide = width >= THIN;
  const bounded = (row) => row.low !== null && row.high !== null;
  const holdsZero = (row) => bounded(row) && row.low <= 0 && row.high >= 0;
  const interval = (row) => (bounded(row) ? `[${signed(row.low)}, ${signed(row.high)}]` : "");
  const ends = rows.flatMap((row) => [row.difference, row.low, row.high]);
  const [least, most] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const margin = 0.04 * (most - least) || 0.01;
  const against = several ? "the reference" : plain([...references][0]);
  return {
    data: [{
      x: rows.map((row) => row.difference),
      y: rows.map((_, at) => -at),
      mode: "markers",
      marker: {
        size: 10,
        color: rows.map((row) => colours.of(row.scorer)),
        symbol: rows.map((row) =>
          !bounded(row) ? "diamond" : holdsZero(row) ? "circle-open" : "circle"),
        line: { width: 2, color: rows.map((row) => colours.of(row.scorer)) },
      },
      text: rows.map((row) =>
        `${plain(scorers[row.scorer].label)} − ${plain(row.reference)}<br>` +
        `${signed(row.difference)} ${interval(row)}<br>` +
        (bounded(row) ? (holdsZero(row) ? "does not differ" : "differs") : "no interval") +
        (row.n === null ? "" : `, n = ${whole(row.n)}`)),
      hovertemplate: "%{text}<extra></extra>",
    }],
    layout: {
      height: 64 + ROW * rows.length,
      margin: { l: 10, r: wide ? 190 : 14, t: 6, b: 10 },
      xaxis: axis(colours,
        `difference in ${plain(metric.label)}` +
        (wide ? ` to ${against}` : "") +
        (metric.lower_is_better ? " (below 0 is better)" : ""),
        { tickformat: ".3~f", nticks: wide ? 8 : 4, range: [least - margin, most + margin] }),
      yaxis: rowAxis(colours, rows.map((row) =>
        scorers[row.scorer].label + (several ? ` − ${row.reference}` : "")), -0.6),
      shapes: [
        dotted(colours, { x0: 0, x1: 0, y0: 0, y1: 1, yref: "paper" }, {
          line: { color: colours.ink, width: 1 } }),
        ...rows.map((row, at) => ({ row, at })).filter(({ row }) => bounded(row)).map(
          ({ row, at }) => ({
            type: "line",
            layer: "below",
            x0: row.low,
            x1: row.high,
            y0: -at,
            y1: -at,
            line: { color: colours.of(row.scorer), width: 2.5 },
          })),
      ],
      annotations: wide ? rows.map((row, at) => ({
        x: 1,
        xref: "paper",
        xanchor: "left",
        xshift: 12,
        y: -at,
        text: `${signed(row.difference)}  ${interval(row)}`,
        showarrow: false,
        font: { color: colours.muted, size: 12.5 },
      })) : [],
    },
  };
}

function scores(group, width, colours) {
  if (!group.scores.length) return "No score distributions are stored for this group.";
  const drawn = shown(group.scores);
  if (!drawn.length) return NO_SCORER;
  const grid = panels(drawn.length, width, 120, {
    gap: { x: 26, y: 64 }, left: 12, title: "score (models: in nats)", colours });
  const made = grid.layout;
  const data = drawn.flatMap((each, at) => {
    const place = grid.at(at);
    const { label } = scorers[each.scorer];
    made[place.xaxis] = axis(colours, "", {
      domain: place.x, anchor: place.yref, showgrid: false, nticks: 5, automargin: false,
    });
    made[place.yaxis] = axis(colours, "", {
      domain: place.y, anchor: place.xref, showticklabels: false, showgrid: false,
      rangemode: "tozero", automargin: false,
    });
    made.annotations.push(panelTitle(place, label, colours));
    const x = [...each.joint.x, ...each.non_pairs.x];
    if (Math.min(...x) < 0 && Math.max(...x) > 0) {
      made.shapes.push(dotted(colours, {
        x0: 0, x1: 0, y0: 0, y1: 1, xref: place.xref, yref: `${place.yref} domain` }));
    }
    const area = (line, colour, what) => ({
      x: line.x,
      y: line.y,
      xaxis: place.xref,
      yaxis: place.yref,
      name: plain(label),
      mode: "lines",
      fill: "tozeroy",
      fillcolor: faded(colour, 0.25),
      line: { color: colour, width: 1.6, shape: "hvh" },
      hovertemplate: `%{fullData.name}<br>${what} at %{x:.2f}<br>density %{y:.3f}<extra></extra>`,
    });
    return [
      area(each.non_pairs, colours.grey, "non-pairs"),
      area(each.joint, colours.of(each.scorer), "interactions"),
    ];
  });
  return { data, layout: made };
}

function distribution(group, width, colours) {
  if (!group.proteins.length) return "No AUROC per protein is stored for this group.";
  const drawn = shown(group.proteins).sort(
    (a, b) => isBaseline(a.scorer) - isBaseline(b.scorer) || b.mean - a.mean);
  if (!drawn.length) return NO_SCORER;
  const wide = width >= THIN;
  const data = drawn.flatMap((cloud, at) => {
    const step = 1 / cloud.shares.length;
    const most = Math.max(...cloud.shares);
    const heights = cloud.shares.map((share) => -at + (0.78 * share) / most);
    const colour = colours.of(cloud.scorer);
    const name = plain(scorers[cloud.scorer].label);
    const summary =
      `${name}<br>mean ${fixed(cloud.mean)}, median ${fixed(cloud.median)}<br>` +
      `${whole(cloud.n)} proteins`;
    return [
      {
        x: heights.flatMap((_, bin) => [bin * step, (bin + 1) * step]).concat([1, 0, 0]),
        y: heights.flatMap((height) => [height, height]).concat([-at, -at, heights[0]]),
        mode: "lines",
        fill: "toself",
        fillcolor: faded(colour, 0.25),
        line: { color: colour, width: 1.2 },
        hoverinfo: "skip",
      },
      {
        x: heights.map((_, bin) => (bin + 0.5) * step),
        y: heights,
        mode: "markers",
        marker: { size: 12, opacity: 0 },
        text: cloud.shares.map((share, bin) =>
          `${name}<br>AUROC ${fixed(bin * step, 2)} to ${fixed((bin + 1) * step, 2)}<br>` +
          `${(100 * share).toFixed(1)} % of ${whole(cloud.n)} proteins`),
        hovertemplate: "%{text}<extra></extra>",
      },
      {
        x: [cloud.median, cloud.median],
        y: [-at, -at + 0.3],
        mode: "lines",
        line: { color: colours.ink, width: 2 },
        hoverinfo: "skip",
      },
      {
        x: [cloud.mean],
        y: [-at],
        mode: "markers",
        marker: { size: 8, color: colour, line: { color: colours.page, width: 1.5 } },
        text: [summary],
        hovertemplate: "%{text}<extra></extra>",
      },
    ];
  });
  return {
    data,
    layout: {
      height: 60 + 46 * drawn.length,
      margin: { l: 10, r: wide ? 150 : 14, t: 6, b: 10 },
      xaxis: axis(colours, wide ? "AUROC among a protein’s own pairs" : "AUROC", {
        range: [-0.01, 1.01], dtick: wide ? 0.1 : 0.25,
      }),
      yaxis: rowAxis(colours, drawn.map((cloud) => scorers[cloud.scorer].label), -1),
      shapes: [dotted(colours, { x0: 0.5, x1: 0.5, y0: 0, y1: 1, yref: "paper" })],
      annotations: wide ? drawn.map((cloud, at) => ({
        x: 1,
        xref: "paper",
        xanchor: "left",
        xshift: 12,
        y: -at,
        yanchor: "bottom",
        text: `mean ${fixed(cloud.mean)}, n ${whole(cloud.n)}`,
        showarrow: false,
        font: { color: colours.muted, size: 12.5 },
      })) : [],
    },
  };
}

function degree(group, width, colours) {
  byId("degree-note").textContent = "";
  if (!group.proteins.length) return "No AUROC per protein is stored for this group.";
  const placed = group.proteins.filter((cloud) => cloud.of_several_degrees);
  if (!placed.length) {
    return "All proteins of this group have the same number of training pairs, so there is no trend to draw.";
  }
  const drawn = shown(placed);
  if (!drawn.length) return NO_SCORER;
  const dotsOf = (cloud) => state.dots === "all" || state.dots === cloud.scorer;
  const clouds = drawn.filter(dotsOf);
  const thinnedOut = clouds.filter((cloud) => cloud.auroc.length < cloud.n);
  if (thinnedOut.length) {
    const [few, all] = [thinnedOut[0].auroc.length, thinnedOut[0].n];
    byId("degree-note").textContent =
      `${whole(few)} of ${whole(all)} proteins are drawn, evenly by number of training pairs. The line is over all proteins.`;
  }
  const largest = Math.max(...drawn.map((cloud) => cloud.degree.at(-1)));
  const at = (n) => Math.log1p(n);
  const ticks = DEGREE_TICKS.filter((tick) => tick <= largest);
  const data = [
    ...clouds.map((cloud) => ({
      x: cloud.degree.map(at),
      y: cloud.auroc,
      mode: "markers",
      marker: {
        size: 6,
        color: colours.of(cloud.scorer),
        opacity: clouds.length > 1 ? 0.25 : 0.4,
        line: { width: 0 },
      },
      text: cloud.degree.map((n, dot) =>
        `${plain(report.proteins[cloud.protein[dot]])}<br>` +
        `${plain(scorers[cloud.scorer].label)}: AUROC ${fixed(cloud.auroc[dot])}<br>` +
        `${whole(n)} training pairs<br>tested on ${whole(cloud.n_joint[dot])} interactions, ` +
        `${whole(cloud.n_non_pairs[dot])} non-pairs`),
      hovertemplate: "%{text}<extra></extra>",
    })),
    ...drawn.map((cloud) => ({
      x: cloud.running.x.map(at),
      y: cloud.running.y,
      name: plain(scorers[cloud.scorer].label),
      mode: "lines",
      line: stroke(cloud.scorer, colours),
      text: cloud.running.x.map((n) => whole(Math.round(n))),
      hovertemplate:
        "%{fullData.name}<br>around %{text} training pairs<br>mean AUROC %{y:.3f}<extra></extra>",
    })),
  ];
  return {
    data,
    layout: {
      height: Math.min(Math.max(width * 0.6, 320), 480),
      xaxis: axis(colours, "training pairs of the protein (log scale, with 0)", {
        tickvals: ticks.map(at), ticktext: ticks.map((tick) => whole(tick)),
        range: [-0.12, at(largest) + 0.12],
      }),
      yaxis: axis(colours, "AUROC", { range: [-0.02, 1.02], dtick: 0.25 }),
      shapes: [dotted(colours, { x0: 0, x1: 1, xref: "paper", y0: 0.5, y1: 0.5 })],
    },
  };
}

function history(group, width, colours) {
  const own = report.history.filter((line) => line.critic === group.critic);
  if (!own.length) return "No training history is stored for this critic.";
  const drawn = shown(own);
  if (!drawn.length) return NO_SCORER;
  const byScorer = new Map();
  drawn.forEach((line) => byScorer.set(line.scorer, [...(byScorer.get(line.scorer) ?? []), line]));
  const grid = panels(byScorer.size, width, 150, {
    gap: { x: 52, y: 64 }, left: 44, title: "epoch", colours });
  const made = grid.layout;
  const data = [...byScorer].flatMap(([scorer, runs], at) => {
    const place = grid.at(at);
    made[place.xaxis] = axis(colours, "", {
      domain: place.x, anchor: place.yref, showgrid: false, nticks: 5, automargin: false,
    });
    made[place.yaxis] = axis(colours, "", {
      domain: place.y, anchor: place.xref, nticks: 4, automargin: false,
    });
    made.annotations.push(panelTitle(place, scorers[scorer].label, colours));
    const named = (line) =>
      [["split", line.split], ["seed", line.seed]]
        .filter(([, value]) => value !== null)
        .map(([what, value]) => `${what} ${value}`)
        .join(", ");
    const curve = (line, what, colour) => ({
      x: line.epoch,
      y: line[what],
      xaxis: place.xref,
      yaxis: place.yref,
      name: plain(scorers[scorer].label),
      mode: "lines",
      line: { color: colour, width: 1 },
      hovertemplate:
        `%{fullData.name}<br>${plain(named(line))}<br>epoch %{x}<br>${what} loss %{y:.4f}<extra></extra>`,
    });
    return [
      ...runs.map((line) => curve(line, "training", colours.grey)),
      ...runs.map((line) => curve(line, "validation", colours.of(scorer))),
    ];
  });
  return { data, layout: made };
}

const CHARTS = {
  differences,
  roc: lines("roc", ["false positive rate", "true positive rate"], {
    diagonal: true, missing: "No ROC curve is stored for this group." }),
  precision_recall: lines("precision_recall", ["recall", "precision"], {
    level: true, shape: "vh", missing: "No precision-recall curve is stored for this group." }),
  reliability,
  scores,
  distribution,
  degree,
  history,
};
