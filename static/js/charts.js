/* Draws every chart of a page from the JSON at its address, keeps it true, and writes the same numbers as a table.

   <figure data-chart="address of the data" data-commits="address of the commits">, with a canvas and, in a
   <details>, an empty table. */
(() => {
  "use strict";
  const drawn = new Map();
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--chart-${name}`).trim();
  const number = new Intl.NumberFormat("en-GB");
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
  const minute = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const worded = (value, unit) => (value === null ? "n/a" : unit === "%" ? `${value.toFixed(1)}%` : number.format(value));

  /* the target: a dashed line across, named at its end */
  const target = {
    id: "target",
    afterDatasetsDraw(chart, _args, options) {
      if (options.value === undefined || options.value === null) return;
      const { ctx, chartArea: area, scales } = chart;
      const y = scales.y.getPixelForValue(options.value);
      const words = `target ${options.value}%`;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = colour("target");
      ctx.lineWidth = 1.5;
      ctx.setLineDash([6, 4]);
      ctx.beginPath();
      ctx.moveTo(area.left, y);
      ctx.lineTo(area.right, y);
      ctx.stroke();
      ctx.font = `600 12px ${Chart.defaults.font.family}`;
      ctx.textBaseline = "bottom";
      ctx.fillText(words, area.left + 6, y - 4);
      ctx.restore();
    },
  };

  const unitOf = (points) => {
    const days = (points.at(-1)[0] - points[0][0]) / 86400;
    return days < 150 ? "day" : days < 1500 ? "month" : "year";
  };

  const scales = (data) => {
    const values = data.points.map((point) => point[1]).filter((value) => value !== null);
    const text = { color: colour("text"), font: { size: 12 } };
    const y = {
      grid: { color: colour("grid") },
      border: { display: false },
      ticks: { ...text, maxTicksLimit: 11, callback: (value) => (data.unit ? `${number.format(value)}%` : number.format(value)), precision: data.unit ? undefined : 0 },
    };
    if (data.unit === "%") {
      const shown = data.target === null ? values : [...values, data.target];
      const low = Math.min(...shown), high = Math.max(...shown);
      const step = [0.5, 1, 2, 5].find((size) => (high - low) / size <= 5) || 10;
      y.min = Math.max(0, Math.floor(low / step - 0.2) * step);
      y.max = Math.min(100, Math.ceil(high / step + 0.2) * step);
      y.ticks.stepSize = step;
    } else y.beginAtZero = true;
    const x = data.kind === "bar" ? { grid: { display: false }, ticks: { ...text, maxRotation: 0, autoSkipPadding: 24 } } : {
      type: "time",
      time: { unit: unitOf(data.points), displayFormats: { day: "d MMM", month: "MMM yyyy", year: "yyyy" } },
      grid: { display: false },
      border: { color: colour("grid") },
      ticks: { ...text, maxRotation: 0, autoSkipPadding: 24 },
    };
    return { x, y };
  };

  const datasets = (data) => {
    const x = (point) => (data.kind === "bar" ? day.format(point[0] * 1000) : point[0] * 1000);
    const column = (place) => data.points.map((point) => ({ x: x(point), y: point[place], key: point[2] }));
    if (data.kind === "line") {
      const few = data.points.length <= 100;
      return [{
        label: data.title, data: column(1), borderColor: colour("line"), backgroundColor: colour("fill"), fill: true,
        borderWidth: 2, tension: 0, pointRadius: few ? 2.5 : 0, pointHoverRadius: 5, pointHitRadius: 12,
        pointBackgroundColor: colour("line"), spanGaps: true,
      }];
    }
    return [1, 2].map((place) => ({
      label: data.columns[place], data: column(place), backgroundColor: colour(place === 1 ? "fixed" : "new"),
      borderRadius: 2, maxBarThickness: 22, categoryPercentage: 0.8, barPercentage: 0.95,
    }));
  };

  const options = (figure, data) => ({
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    interaction: { mode: data.kind === "line" ? "nearest" : "index", axis: "x", intersect: false },
    scales: scales(data),
    plugins: {
      target: { value: data.target },
      legend: { display: data.kind === "bar", align: "end", labels: { color: colour("text"), boxWidth: 12, boxHeight: 12 } },
      tooltip: {
        backgroundColor: colour("tip"), titleColor: colour("tip-text"), bodyColor: colour("tip-text"), padding: 10, displayColors: data.kind === "bar",
        callbacks: {
          title: (items) => (data.kind === "bar" ? `Week from ${items[0].label}` : minute.format(items[0].parsed.x)),
          label: (item) => `${item.dataset.label}: ${worded(item.parsed.y, data.unit)}`,
          footer: (items) => (data.kind === "line" ? `commit ${items[0].raw.key.slice(0, 10)}, click to open` : ""),
        },
      },
    },
    onHover: (event, items) => { event.native.target.classList.toggle("points", data.kind === "line" && items.length > 0); },
    onClick: (_event, items, chart) => {
      if (data.kind !== "line" || !items.length) return;
      const { datasetIndex, index } = items[0];
      location.assign(`${figure.dataset.commits}${chart.data.datasets[datasetIndex].data[index].key}/`);
    },
  });

  const cell = (row, tag, content) => {
    const element = document.createElement(tag);
    if (tag === "th") element.scope = "col";
    element.append(content);
    row.append(element);
  };

  const tabulate = (figure, data) => {
    const table = figure.querySelector("table");
    const head = document.createElement("thead"), body = document.createElement("tbody");
    head.append(document.createElement("tr"));
    for (const column of data.columns) cell(head.firstChild, "th", column);
    for (const point of [...data.points].reverse()) {
      const row = body.insertRow();
      cell(row, "td", (data.kind === "bar" ? day : minute).format(point[0] * 1000));
      cell(row, "td", worded(point[1], data.unit));
      if (data.kind === "bar") cell(row, "td", worded(point[2], ""));
      else {
        const link = document.createElement("a");
        link.href = `${figure.dataset.commits}${point[2]}/`;
        link.textContent = point[2].slice(0, 10);
        cell(row, "td", link);
      }
    }
    table.replaceChildren(table.caption, head, body);
  };

  const say = (figure, words) => {
    const note = figure.querySelector(".chart-note");
    note.textContent = words;
    note.hidden = !words;
  };

  const describe = (figure, data) => {
    const canvas = figure.querySelector("canvas");
    const [first, last] = [data.points[0], data.points.at(-1)];
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", data.kind === "line"
      ? `${data.title} from ${worded(first[1], data.unit)} on ${day.format(first[0] * 1000)} to ${worded(last[1], data.unit)} on ${day.format(last[0] * 1000)}. The table below has every number.`
      : `${data.title}. The table below has every number.`);
  };

  const draw = async (figure) => {
    let data;
    try {
      const answer = await fetch(figure.dataset.chart, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      data = await answer.json();
    } catch {
      if (!drawn.has(figure)) say(figure, "The chart's numbers could not be loaded. Reload the page to try again.");
      return;
    }
    if (!figure.isConnected) return;
    paint(figure, data);
  };

  const paint = (figure, data) => {
    const known = drawn.get(figure);
    if (!data.points.length) {
      known?.chart.destroy();
      drawn.delete(figure);
      figure.dataset.points = 0;
      say(figure, "No commit in this range.");
      return;
    }
    say(figure, "");
    describe(figure, data);
    if (known) {
      known.data = data;
      known.chart.data.datasets.forEach((set, place) => { Object.assign(set, datasets(data)[place]); });
      known.chart.options = options(figure, data);
      known.chart.update("none");
    } else {
      const type = data.kind === "line" ? "line" : "bar";
      const settings = { type, data: { datasets: datasets(data) }, options: options(figure, data), plugins: [target] };
      drawn.set(figure, { data, chart: new Chart(figure.querySelector("canvas"), settings) });
    }
    figure.dataset.points = data.points.length;
    if (figure.querySelector("details").open) tabulate(figure, data);
  };

  const begin = () => {
    for (const [figure, { chart }] of drawn) {
      if (!figure.isConnected) {
        chart.destroy();
        drawn.delete(figure);
      }
    }
    for (const figure of document.querySelectorAll("figure[data-chart]")) if (!drawn.has(figure)) draw(figure);
  };

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.animation = calm.matches ? false : Chart.defaults.animation;
  document.addEventListener("toggle", (event) => {
    const figure = event.target.closest?.("figure[data-chart]");
    if (figure && event.target.open && drawn.has(figure)) tabulate(figure, drawn.get(figure).data);
  }, true);
  document.addEventListener("htmx:load", begin);
  document.addEventListener("figures-changed", () => { for (const figure of drawn.keys()) draw(figure); });
  new MutationObserver(() => {
    for (const [figure, { data }] of drawn) paint(figure, data);
  }).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  begin();
})();
