// What the pages do beyond HTML: charts drawn from the tables below them, and care around the live parts.
"use strict";
(() => {
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = new WeakMap();

  // The first column of the table is x, each further one a line.
  const read = (table) => {
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => {
      const value = parseFloat(cell.textContent);
      return Number.isFinite(value) ? value : null;
    }));
    rows.sort((a, b) => a[0] - b[0]);
    return { names, columns: names.map((_, place) => rows.map((row) => row[place])) };
  };

  const draw = (plot) => {
    const { names, columns } = read(plot.parentElement.querySelector(".numbers table"));
    if (!columns[0].length) return;
    const ink = style("--muted"), line = style("--line");
    const colors = [style("--accent"), style("--canceled"), style("--success"), style("--failed")];
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif", labelSize: 20 };
    const series = names.slice(1).map((label, place) => ({
      label, stroke: colors[place % colors.length], width: 2, spanGaps: true, points: { show: columns[0].length <= 30, size: 5 },
    }));
    const data = [...columns];
    if ("diagonal" in plot.dataset) {
      series.push({ label: "chance", stroke: ink, width: 1, dash: [4, 4], points: { show: false } });
      data.push(columns[0]);
    }
    const steps = "steps" in plot.dataset;
    const options = {
      width: Math.max(200, plot.parentElement.clientWidth - 20), height: 240, legend: { show: series.length > 1 || columns[0].length > 0 },
      scales: { x: { time: false } },
      axes: [{ ...axis, label: names[0], incrs: steps ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] : undefined }, { ...axis, label: plot.dataset.y, size: 56 }],
      series: [{ label: names[0] }, ...series],
      cursor: { points: { size: 7 } },
    };
    drawn.get(plot)?.destroy();
    drawn.set(plot, new uPlot(options, data, plot));
    plot.setAttribute("aria-hidden", "true");
  };

  // A confusion matrix, whose table of all thresholds follows: a slider chooses among them.
  const addSlider = (figure) => {
    const table = figure.nextElementSibling?.querySelector("table");
    if (!table) return;
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => parseFloat(cell.textContent)));
    const cells = figure.querySelectorAll("td[class]"), note = figure.querySelector(".sub");
    const nearest = rows.reduce((best, row, place) => (Math.abs(row[0] - 0.5) < Math.abs(rows[best][0] - 0.5) ? place : best), 0);
    const label = document.createElement("label"), input = document.createElement("input");
    label.className = "slider";
    label.append("Threshold", input);
    Object.assign(input, { type: "range", min: 0, max: rows.length - 1, step: 1, value: rows.length - 1 - nearest });
    input.addEventListener("input", () => {
      const [threshold, tp, fp, tn, fn] = rows[rows.length - 1 - input.value];
      const total = tp + fp + tn + fn;
      [tn, fp, fn, tp].forEach((count, place) => {
        cells[place].textContent = count;
        cells[place].className = `heat-${Math.round((10 * count) / total)}`;
      });
      const accuracy = ((tp + tn) / total).toPrecision(6).replace(/\.?0+$/, "");
      note.textContent = `at threshold ${threshold}: accuracy ${accuracy}`;
      input.setAttribute("aria-valuetext", note.textContent);
    });
    figure.append(label);
  };

  const drawAll = (within) => within.querySelectorAll(".plot").forEach(draw);
  const redraw = () => drawAll(document);
  document.addEventListener("DOMContentLoaded", () => {
    redraw();
    document.querySelectorAll("[data-by-threshold]").forEach(addSlider);
  });
  dark.addEventListener("change", redraw);
  let waiting;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(redraw, 150); });

  // A choice of jobs to compare must not be lost to the next look at the list.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const list = event.target.closest("#jobs");
    if (list && list.querySelector("input[type=checkbox]:checked")) event.preventDefault();
  });
  const tell = (lost) => () => { document.getElementById("connection").hidden = !lost; };
  document.addEventListener("htmx:sendError", tell(true));
  document.addEventListener("htmx:responseError", tell(true));
  document.addEventListener("htmx:afterSwap", tell(false));
})();
