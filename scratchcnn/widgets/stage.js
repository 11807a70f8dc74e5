// The stage: shows the frames that the kernel draws, and tells it what the reader does.
//
// A frame has regions: grids of cells to point at, drag, or walk through by keyboard. Each is
// an invisible element over the picture that can take the focus. Events travel in batches,
// and the next batch waits until the last is answered; meanwhile a newer position replaces
// an older one. So a fast drag never queues up stale frames, and its last position always wins.
// While an answer is awaited, the stage says aria-busy="true".

const KEYS = new Set([
  "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End",
  "Enter", " ", "Escape", "Backspace", "Delete",
]);

function element(tag, className, parent) {
  const node = document.createElement(tag);
  node.className = className;
  parent.append(node);
  return node;
}

function makeQueue(model, onBusy, onSettled) {
  let waiting = false;
  let events = [];
  function flush() {
    if (waiting || events.length === 0) return;
    waiting = true;
    onBusy();
    const buffers = [];
    for (const event of events) {
      if (event.content) event.buffer = buffers.push(event.content) - 1;
      delete event.content;
    }
    model.send({ events }, undefined, buffers);
    events = [];
  }
  return {
    add(event) {
      const last = events.at(-1);
      const moves = event.kind === "hover" || event.kind === "drag";
      if (moves && last && last.kind === event.kind && last.region === event.region) {
        events.pop();
        if (event.points) event.points = [...last.points, ...event.points]; // ink is never skipped
      }
      events.push(event);
      flush();
    },
    answered() {
      waiting = false;
      flush();
      if (!waiting) onSettled();
    },
    isSettled: () => !waiting,
  };
}

// Return where the pointer is: the cell, and the place in the region from 0 to 1 each way.
function locate(region, node, pointer) {
  const box = node.getBoundingClientRect();
  const fx = (pointer.clientX - box.left) / box.width;
  const fy = (pointer.clientY - box.top) / box.height;
  const cell = (share, count) => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
  return { row: cell(fy, region.rows), column: cell(fx, region.columns), fx, fy };
}

// Ink shows under the pointer at once; the kernel's frame, a moment later, draws the same line.
function makeInk(node) {
  const sheet = element("canvas", "sc-ink", node);
  let end = null;
  return {
    begin() {
      end = null;
    },
    draw(points) {
      const { width, height } = sheet;
      const pen = sheet.getContext("2d");
      pen.strokeStyle = "white";
      pen.lineWidth = node.region.ink * width;
      pen.lineCap = pen.lineJoin = "round";
      pen.beginPath();
      const [x, y] = end ?? points[0];
      pen.moveTo(x * width, y * height);
      for (const point of points) pen.lineTo(point[0] * width, point[1] * height);
      pen.stroke();
      end = points.at(-1);
    },
    clear() {
      sheet.width = node.region.width;
      sheet.height = node.region.height;
    },
  };
}

// A server may close a connection on which a message of more than 10 MB arrives.
const LARGEST_FILE = 4_000_000; // bytes
const LONGEST_SIDE = 1600; // pixels of a picture that has to be reduced

// Return what is in a picture file; a large picture is reduced first.
async function contentOf(file) {
  if (file.size <= LARGEST_FILE) return file.arrayBuffer();
  try {
    const picture = await createImageBitmap(file);
    const share = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const size = [picture.width, picture.height].map((side) => Math.max(1, Math.round(share * side)));
    const sheet = new OffscreenCanvas(...size);
    sheet.getContext("2d").drawImage(picture, 0, 0, ...size);
    return (await sheet.convertToBlob({ type: "image/png" })).arrayBuffer();
  } catch {
    return file.slice(0, LARGEST_FILE).arrayBuffer(); // the kernel will say what is wrong with it
  }
}

// A line with a file chooser, for a region that reads pictures; the region takes dropped ones.
function takeFiles(node, words, queue, line) {
  const label = element("label", "sc-label", line);
  const input = element("input", "sc-chooser", label);
  label.prepend(words, " ");
  input.type = "file";
  input.accept = "image/*";
  const read = async (file) => {
    if (!file) return;
    const content = await contentOf(file);
    queue.add({ kind: "file", region: node.region.name, name: file.name, content });
  };
  input.addEventListener("change", async () => {
    await read(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  });
  for (const kind of ["dragenter", "dragover"]) {
    node.addEventListener(kind, (event) => event.preventDefault());
  }
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    read(event.dataTransfer.files[0]);
  });
}

const SLOP = 8; // pixels that a finger may move before it drags

function listen(node, queue) {
  let pressed = false;
  let held = null; // where a finger has come down, until it is clear that it does not scroll
  let shown = "";
  const tell = (kind, details) => queue.add({ kind, region: node.region.name, ...details });
  // Return what an event of the pointer says; with ink, all places it has passed since the last.
  const places = (event) => {
    const place = locate(node.region, node, event);
    if (!node.ink) return place;
    const passed = event.getCoalescedEvents?.() ?? [];
    place.points = (passed.length ? passed : [event]).map((one) => {
      const { fx, fy } = locate(node.region, node, one);
      return [fx, fy];
    });
    node.ink.draw(place.points);
    return place;
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    node.focus({ preventScroll: true });
    pressed = true;
    node.ink?.begin();
    const scrolls = event.pointerType === "touch" && !node.region.drag;
    held = scrolls ? { x: event.clientX, place: places(event) } : null;
    if (!held) tell("press", places(event));
    event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (pressed) {
      if (held && Math.abs(event.clientX - held.x) < SLOP) return;
      press();
      tell("drag", places(event));
    } else if (node.region.hover) {
      const place = locate(node.region, node, event);
      if (shown === `${place.row},${place.column}`) return;
      shown = `${place.row},${place.column}`;
      tell("hover", place);
    }
  });
  const press = () => {
    if (held) tell("press", held.place);
    held = null;
  };
  const release = () => {
    if (pressed && !held) tell("release", {});
    pressed = false;
    held = null;
  };
  node.addEventListener("pointerup", () => {
    press();
    release();
  });
  node.addEventListener("pointercancel", release);
  node.addEventListener("pointerleave", () => { shown = ""; });
  node.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!KEYS.has(event.key) && !/^[-+0-9.,]$/.test(event.key)) return;
    tell("key", { key: event.key });
    event.preventDefault();
    event.stopPropagation();
  });
}

// Copy a text; where the page may not use the clipboard, the browser copies what is selected.
async function copyText(input) {
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    input.select();
    document.execCommand("copy");
  }
}

// A line with the view, to copy and send; or to paste another one over it and press Enter.
function makeViewLine(model, queue, stage) {
  const line = element("div", "sc-view", stage);
  const label = element("label", "sc-view-label", line);
  const input = element("input", "sc-view-text", label);
  const button = element("button", "sc-view-copy", line);
  const said = element("span", "sc-view-said", line);
  label.prepend("View ");
  input.title =
    "Copy this line and send it. To see what someone else sees, paste their line and press Enter.";
  input.spellcheck = false;
  input.autocomplete = "off";
  button.textContent = "Copy view";
  button.title = "Copy a line that recreates this view";
  said.setAttribute("role", "status");
  const show = () => {
    input.value = model.get("view");
    said.textContent = "";
  };
  button.addEventListener("click", async () => {
    show();
    await copyText(input);
    said.textContent = "copied";
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") queue.add({ kind: "view", region: "", text: input.value });
    if (event.key === "Escape") show();
  });
  return show;
}

// Return the element of the whole explorer, controls and all.
function explorerOf(el) {
  return el.closest(".scratchcnn-explorer") ?? el;
}

// The sliders of ipywidgets stand beside their label, but do not refer to it.
function nameSliders(explorer) {
  for (const slider of explorer.querySelectorAll(".widget-slider")) {
    const label = slider.querySelector(".widget-label");
    slider.querySelector("[role=slider]")?.setAttribute("aria-label", label.textContent);
  }
}

function render({ model, el }) {
  const stage = element("div", "sc-stage", el);
  const files = element("div", "sc-files", stage);
  const box = element("div", "sc-box", stage);
  const picture = element("img", "sc-picture", box);
  picture.draggable = false;
  const error = element("div", "sc-error", stage);
  error.setAttribute("role", "alert");
  const caption = element("div", "sc-caption", stage);
  caption.setAttribute("role", "status");
  const setBusy = (busy) => stage.setAttribute("aria-busy", busy);
  const queue = makeQueue(model, () => setBusy(true), async () => {
    await null; // the frame came with the answer, but perhaps its listener is called after this one
    await picture.decode().catch(() => {});
    if (queue.isSettled()) setBusy(false);
    nameSliders(explorerOf(el));
  });
  const showView = makeViewLine(model, queue, stage);
  const nodes = new Map();
  let address = "";

  function showFrame() {
    const bytes = model.get("frame");
    if (!bytes || bytes.byteLength === 0) return;
    const old = address;
    address = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    picture.src = address;
    // The browser keeps the old picture on the screen until the new one is decoded.
    if (old) picture.decode().catch(() => {}).then(() => URL.revokeObjectURL(old));
  }

  // A screen reader says what is put there, even if it was there before.
  function say(node, words) {
    if (node.textContent !== words) node.textContent = words;
  }

  function showWords() {
    picture.alt = model.get("alt");
    say(caption, model.get("caption"));
    say(error, model.get("error"));
    stage.classList.toggle("sc-broken", model.get("broken"));
  }

  function placeRegions() {
    const width = model.get("width");
    const height = model.get("height");
    box.style.width = `${width}px`;
    box.style.aspectRatio = `${width} / ${height}`;
    const names = new Set(model.get("regions").map((region) => region.name));
    for (const [name, node] of nodes) {
      if (names.has(name)) continue;
      node.remove();
      nodes.delete(name);
    }
    let last = picture;
    for (const region of model.get("regions")) {
      if (!nodes.has(region.name)) {
        const node = element("div", "sc-region", box);
        node.tabIndex = 0;
        node.setAttribute("role", "application");
        node.dataset.region = region.name;
        nodes.set(region.name, node);
        if (region.ink) node.ink = makeInk(node);
        listen(node, queue);
        if (region.files) takeFiles(node, region.files, queue, files);
      }
      const node = nodes.get(region.name);
      // Tab walks through them in the order of the list. What is in its place is not moved: it
      // would lose the focus.
      if (last.nextSibling !== node) last.after(node);
      last = node;
      const sheet = node.region?.sheet;
      node.region = region;
      if (sheet !== region.sheet) node.ink?.clear();
      node.setAttribute("aria-label", region.label);
      node.title = region.label;
      node.style.cursor = region.cursor;
      node.classList.toggle("sc-drag", region.drag);
      node.style.left = `${(100 * region.x) / width}%`;
      node.style.top = `${(100 * region.y) / height}%`;
      node.style.width = `${(100 * region.width) / width}%`;
      node.style.height = `${(100 * region.height) / height}%`;
    }
  }

  const watched = [
    ["change:frame", showFrame],
    ["change:alt change:caption change:error change:broken", showWords],
    ["change:view", showView],
    ["change:regions change:width change:height", placeRegions],
    ["change:answered", queue.answered],
  ];
  for (const [names, react] of watched) model.on(names, react);
  showFrame();
  showWords();
  showView();
  placeRegions();
  queue.add({ kind: "display", ratio: window.devicePixelRatio || 1 });

  // JupyterLab has shortcuts on single keys: while something of an explorer has the focus, "x" shall
  // not cut the cell. Those with Ctrl or Cmd, such as saving, stay. JupyterLab hears of a key after
  // this listener, and looks for the attribute at the element with the focus.
  const keepShortcuts = ({ target, ctrlKey, metaKey }) => {
    if (!explorerOf(el).contains(target)) return;
    target.toggleAttribute("data-lm-suppress-shortcuts", !(ctrlKey || metaKey));
  };
  window.addEventListener("keydown", keepShortcuts, true);

  return () => {
    window.removeEventListener("keydown", keepShortcuts, true);
    for (const [names, react] of watched) model.off(names, react);
    if (address) URL.revokeObjectURL(address);
  };
}

export default { render };
