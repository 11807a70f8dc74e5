// The home page's explorer: a kernel slides over a digit, and the feature map is computed here.
//
// A small copy of the course's filter explorer, which needs Python. A test compares its numbers with
// the library's. Where scripts do not run, the picture stays.

const SIDE = 28, OUT = 26; // pixels of an image, and of its feature map
const PIXEL = 8; // as drawn
const LARGEST = 9; // number in a kernel
const EMPTY = 0.15; // share of a feature map above the digit
const PRESETS = {
  "vertical edges": [-0.25, 0, 0.25, -0.5, 0, 0.5, -0.25, 0, 0.25],
  "horizontal edges": [-0.25, -0.5, -0.25, 0, 0, 0, 0.25, 0.5, 0.25],
  blur: Array(9).fill(1 / 9),
  sharpen: [0, -0.25, 0, -0.25, 2, -0.25, 0, -0.25, 0],
  emboss: [-0.5, -0.25, 0, -0.25, 0, 0.25, 0, 0.25, 0.5],
  ring: [-0.25, -0.25, -0.25, -0.25, 2, -0.25, -0.25, -0.25, -0.25],
};
// From dark blue (negative) by white (0) to dark red (positive), as in the course's figures.
const COLORS = [[5, 48, 97], [32, 101, 171], [67, 147, 195], [144, 196, 221], [209, 229, 240],
  [247, 246, 246], [253, 219, 199], [243, 164, 129], [214, 96, 77], [177, 24, 43], [103, 0, 31]];

const courseExplorer = { digit: 0, kernel: [...PRESETS["vertical edges"]], row: 0, column: 0 };

function pixelsOf(digit) {
  return Float64Array.from(atob(DIGITS[digit].pixels), (byte) => byte.charCodeAt(0) / 255);
}

function productsAt({ digit, kernel }, row, column) {
  const pixels = pixelsOf.last?.digit === digit ? pixelsOf.last.pixels : pixelsOf(digit);
  pixelsOf.last = { digit, pixels };
  return kernel.map((weight, k) =>
    weight * pixels[(row + Math.floor(k / 3)) * SIDE + column + (k % 3)]);
}

function featureMap(state) {
  return Array.from({ length: OUT * OUT }, (_, k) =>
    productsAt(state, Math.floor(k / OUT), k % OUT).reduce((sum, product) => sum + product, 0));
}

function color(value, limit) {
  const place = (Math.max(-1, Math.min(1, value / limit)) + 1) * (COLORS.length - 1) / 2;
  const low = Math.min(Math.floor(place), COLORS.length - 2), share = place - low;
  return COLORS[low].map((from, k) => Math.round(from + share * (COLORS[low + 1][k] - from)));
}

const shown = (value, digits) =>
  value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1").replace("-", "−");

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function startExplorer(figure) {
  const state = courseExplorer;
  let seen = OUT * OUT; // how many pixels of the feature map are drawn

  const choice = (label, names) => {
    const id = `choose-${label}`;
    const select = element("select", { id }, ...names.map((name, k) => new Option(name, k)));
    return [element("span", {}, element("label", { htmlFor: id }, label), " ", select), select];
  };
  const surface = (name, side) => {
    const canvas = element("canvas", { width: side * PIXEL, height: side * PIXEL, tabIndex: 0 });
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", `${name}: arrow keys move the window`);
    return [element("div", {}, element("b", {}, `${name}, ${side} × ${side}`), canvas), canvas];
  };
  const [digits, digit] = choice("Digit", DIGITS.map(({ label }) => label));
  const [kernels, preset] = choice("Kernel", [...Object.keys(PRESETS), "custom"]);
  const [left, image] = surface("Image", SIDE);
  const [right, map] = surface("Feature map", OUT);
  const weights = state.kernel.map((_, k) => {
    const input = element("input", { type: "number", step: 0.25, min: -LARGEST, max: LARGEST });
    input.setAttribute("aria-label", `Kernel, row ${Math.floor(k / 3)}, column ${k % 3}`);
    return input;
  });
  const terms = state.kernel.map(() => element("small"));
  const cells = weights.map((input, k) => element("div", {}, input, terms[k]));
  const sum = element("div", { className: "sum" }); // the words below say it aloud
  const middle = element("div", {}, element("b", {}, "Kernel × window"),
    element("div", { className: "kernel" }, ...cells), sum);
  const words = element("p", { className: "words" });
  figure.querySelector("img").closest("figure > *").replaceWith(element("div", { className: "live" },
    element("div", { className: "choices" }, digits, kernels),
    element("div", { className: "panels" }, left, middle, right), words));

  function paint(canvas, side, count, colorOf, frame) {
    const context = canvas.getContext("2d");
    context.fillStyle = "#f7f6f6";
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (let k = 0; k < count; k++) {
      context.fillStyle = `rgb(${colorOf(k)})`;
      context.fillRect((k % side) * PIXEL, Math.floor(k / side) * PIXEL, PIXEL, PIXEL);
    }
    context.strokeStyle = "#d86f16";
    context.lineWidth = 3;
    context.strokeRect(state.column * PIXEL, state.row * PIXEL, frame * PIXEL, frame * PIXEL);
  }

  function draw() {
    const pixels = pixelsOf(state.digit), values = featureMap(state);
    const limit = Math.max(1e-9, ...values.map(Math.abs));
    paint(image, SIDE, SIDE * SIDE, (k) => Array(3).fill(Math.round(255 * pixels[k])), 3);
    paint(map, OUT, seen, (k) => color(values[k], limit), 1);
    const products = productsAt(state, state.row, state.column);
    const strongest = Math.max(1, ...state.kernel.map(Math.abs));
    products.forEach((product, k) => {
      const pixel = pixels[(state.row + Math.floor(k / 3)) * SIDE + state.column + (k % 3)];
      const paper = color(state.kernel[k], 2 * strongest); // pale, so that dark words can be read
      cells[k].style.background = `rgb(${paper})`;
      if (document.activeElement !== weights[k]) weights[k].value = +state.kernel[k].toFixed(2);
      terms[k].textContent = `× ${shown(pixel, 2)} = ${shown(product, 2)}`;
    });
    const value = values[state.row * OUT + state.column];
    sum.textContent = `sum = ${shown(value, 3)}`;
    words.textContent = `Row ${state.row}, column ${state.column}: the nine products add up to ` +
      `${shown(value, 3)}. Point at any pixel, or use the arrow keys. You can also change the kernel's numbers.`;
  }

  // At first, the window goes over the digit by itself, for a few seconds, or until somebody acts.
  let timer = null;
  function act(change = {}) {
    cancelAnimationFrame(timer);
    seen = OUT * OUT;
    words.setAttribute("aria-live", "polite");
    Object.assign(state, change);
    draw();
  }
  function sweep(start) {
    timer = requestAnimationFrame((now) => {
      const share = Math.max(0, now - start) / 4000;
      seen = Math.min(OUT * OUT, Math.floor((EMPTY + (1 - EMPTY) * share) * OUT * OUT) + 1);
      Object.assign(state, { row: Math.floor((seen - 1) / OUT), column: (seen - 1) % OUT });
      if (seen === OUT * OUT) act({ row: 16, column: 15 });
      else (draw(), sweep(start));
    });
  }

  const within = (value) => Math.max(0, Math.min(OUT - 1, value));
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  for (const [canvas, side, middleOfWindow] of [[image, SIDE, 1], [map, OUT, 0]]) {
    canvas.onkeydown = (event) => {
      const step = steps[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      act({ row: within(state.row + step[0]), column: within(state.column + step[1]) });
    };
    const point = ({ clientX, clientY }) => {
      const box = canvas.getBoundingClientRect();
      const place = (at, from, size) =>
        within(Math.floor((at - from) / size * side) - middleOfWindow);
      act({ row: place(clientY, box.top, box.height), column: place(clientX, box.left, box.width) });
    };
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      point(event);
    };
    canvas.onpointermove = (event) => (event.buttons || event.pointerType === "mouse") && point(event);
  }
  weights.forEach((input, k) => {
    input.oninput = () => {
      if (!(Math.abs(input.valueAsNumber) <= LARGEST)) return; // NaN is not, either
      preset.value = Object.keys(PRESETS).length; // custom
      act({ kernel: state.kernel.map((old, j) => (j === k ? input.valueAsNumber : old)) });
    };
    input.onblur = () => draw();
  });
  digit.onchange = () => act({ digit: Number(digit.value) });
  preset.onchange = () => {
    const kernel = Object.values(PRESETS)[preset.value];
    if (kernel) act({ kernel: [...kernel] });
  };

  if (matchMedia("(prefers-reduced-motion: reduce)").matches) act({ row: 16, column: 15 });
  else sweep(performance.now());
}

startExplorer(document.querySelector("figure.explorer"));
