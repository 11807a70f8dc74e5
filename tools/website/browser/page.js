// What the running course adds to JupyterLab's page: a bar while Python loads, a word where it
// cannot, the stop button, and a fresh copy of a notebook that has changed since it was saved.

const HERE = new URL("./", import.meta.url).href;

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Two lines at the bottom of the page: how far loading is, which goes by itself, and words.
const style = element("style", {
  textContent: `
    #course-lines { position: fixed; z-index: 10000; bottom: 0; left: 0; right: 0; color: #111;
      font: 15px/1.4 system-ui, sans-serif; background: #fff3d6; }
    #course-lines div { padding: 8px 16px; border-top: 2px solid #9a6700; display: flex;
      gap: 8px 16px; align-items: center; flex-wrap: wrap; }
    #course-lines div[hidden] { display: none; }
    #course-lines progress { flex: 1 1 8em; max-width: 30em; height: 1.1em; }
    #course-lines button { font: inherit; padding: 3px 12px; cursor: pointer; color: #111;
      background: #fff; border: 1px solid #6b4a00; border-radius: 4px; }`,
});
const progress = element("progress", {});
progress.setAttribute("aria-label", "Loading Python");
const amount = element("span", {});
const bar = element("div", { id: "course-bar", hidden: true }, progress, amount);
const words = element("div", { id: "course-words", hidden: true });
words.setAttribute("role", "status");
const lines = element("div", { id: "course-lines" }, words, bar);

function say(text, ...buttons) {
  const close = element("button", { textContent: "Close", onclick: () => { words.hidden = true; } });
  words.replaceChildren(element("span", { textContent: text }), ...buttons, close);
  words.hidden = false;
}

// Loading.

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

function showProgress({ loaded, total }) {
  const value = Math.min(loaded, total);
  Object.assign(progress, { max: total, value });
  const rest = loaded < total ? "" : " Starting Python …";
  const share = `${megabytes(value)} of ${megabytes(total)} MB`;
  amount.textContent = `Loading Python and the course: ${share}.${rest}`;
  bar.hidden = false;
}

const NEEDS =
  "Check your connection, and reload the page. If that doesn't help, close other tabs (the course needs " +
  "about 1 GB of free memory), use a current version of Chrome, Edge, Firefox or Safari, or install the " +
  "course on your computer.";

function reason(message) {
  if (/memory|allocat/i.test(message)) return "there is not enough memory";
  if (/ModuleNotFound|fetch/.test(message)) return "a part of it did not arrive";
  return message.match(/^\w*Error: .*$/m)?.[0] ?? message; // of a traceback, the line that says it
}

const loading = new Set(); // kernels

function hear(kernel, news) {
  if (news.state === "loading") {
    loading.add(kernel);
    showProgress(news);
    return;
  }
  loading.delete(kernel);
  bar.hidden = loading.size === 0;
  if (news.state === "failed") say(`Python could not be started: ${reason(news.message)}. ${NEEDS}`);
  if (news.state === "ended") {
    say(`Python has stopped: ${reason(news.message)}. To continue, choose Kernel → Restart Kernel.`);
  }
}

// A kernel is a worker that JupyterLab starts. This page listens to its own; loader.mjs speaks.
const kernels = new Set();

window.Worker = class extends Worker {
  constructor(...settings) {
    super(...settings);
    this.addEventListener("message", ({ data }) => {
      if (!data?.scratchcnn) return;
      kernels.add(this);
      hear(this, data.scratchcnn);
    });
  }

  terminate() {
    kernels.delete(this);
    loading.delete(this);
    bar.hidden = loading.size === 0;
    super.terminate();
  }
};

function missing() {
  if (typeof WebAssembly !== "object") return "this browser has no WebAssembly, or it is switched off";
  if (!window.isSecureContext) return "this page was not loaded over https, and without that the browser won't let it store files";
  try {
    new WebAssembly.Memory({ initial: 1024 }); // 64 MB; without them there is no point in trying
  } catch {
    return "there is not enough memory";
  }
  return null;
}

// The stop button. A kernel hears of it where it gives way: after an update of a training. Each
// notebook that uses the kernel is a client of it; the running cell came from one of them.

const PATIENCE = 2000; // milliseconds

function passOnInterrupts(app) {
  const ids = new Set(["notebook:interrupt-kernel", "kernelmenu:interrupt"]);
  const kernelOf = (panel) => panel?.sessionContext?.session?.kernel;
  app.commands.commandExecuted.connect((_, { id }) => {
    const stopped = kernelOf(app.shell.currentWidget);
    if (!ids.has(id) || !stopped) return;
    const same = [...app.shell.widgets("main")].map(kernelOf).filter((kernel) => kernel?.id === stopped.id);
    const interrupt = same.map((kernel) => kernel.clientId);
    for (const kernel of kernels) kernel.postMessage({ scratchcnn: { interrupt } });
    setTimeout(() => {
      if (stopped.status !== "busy") return;
      say("Python can't be interrupted at this point. To stop this cell, choose Kernel → Restart Kernel.");
    }, PATIENCE);
  });
}

// A saved copy is the visitor's, and stays. If the course has a newer one, the page says so.

async function looksOld(panel, originals) {
  await panel.context.ready;
  const saved = panel.context.model.getMetadata("scratchcnn");
  const now = originals[panel.context.localPath ?? panel.context.path];
  return saved && now && saved.original !== now;
}

async function openNewer(app, panel) {
  const { contents } = app.serviceManager;
  const { path } = panel.context;
  await panel.context.save();
  let mine = path.replace(/(\.ipynb)$/, " (my copy)$1");
  for (let number = 2; await contents.get(mine, { content: false }).then(() => true, () => false); number++) {
    mine = path.replace(/(\.ipynb)$/, ` (my copy ${number})$1`);
  }
  await panel.context.sessionContext.shutdown();
  panel.dispose();
  await contents.rename(path, mine); // what is at the address again shows once more
  await app.commands.execute("docmanager:open", { path });
  say(`This is the fresh copy. Yours is saved as “${mine}”.`);
}

async function watchForNewer(app) {
  const originals = await (await fetch(`${HERE}originals.json`, { cache: "no-cache" })).json();
  const seen = new WeakSet();
  const look = async (panel) => {
    if (!panel?.context || seen.has(panel)) return;
    seen.add(panel);
    keepStored(panel);
    if (!(await looksOld(panel, originals))) return;
    const button = element("button", { textContent: "Open a fresh copy" });
    button.onclick = () => openNewer(app, panel);
    say(
      "This is your saved copy. The course has a newer version of this notebook. If you open a fresh copy, yours is kept.",
      button,
    );
  };
  app.shell.currentChanged.connect((_, { newValue }) => look(newValue));
  look(app.shell.currentWidget);
}

// A lesson that needs what a browser does not have says so in its first cell. JupyterLab has emptied
// the other cells by then: what was stored in them comes back.

const STOPPED = "does not run in a browser";

async function keepStored(panel) {
  await panel.context.ready;
  const cells = () => [...panel.content.widgets].map((cell) => cell.model.sharedModel);
  const stored = new Map(cells().map((cell) => [cell.id, cell.outputs ?? []]));
  panel.context.model.contentChanged.connect(() => {
    const errors = cells().flatMap((cell) => cell.outputs ?? []).map((output) => output.evalue ?? "");
    if (!errors.some((words) => words.includes(STOPPED))) return;
    setTimeout(() => {
      for (const cell of cells()) {
        if (cell.outputs?.length === 0 && stored.get(cell.id)?.length) cell.setOutputs(stored.get(cell.id));
      }
    }, 500); // once all cells are done with
  });
}

// On a phone, the list of files would leave no room for the first notebook, whose opening shows it.

function makeRoom(shell) {
  if (innerWidth >= 900) return;
  const collapse = async (_, { newValue: panel }) => {
    if (!panel?.context) return;
    shell.currentChanged.disconnect(collapse);
    await panel.context.ready;
    shell.collapseLeft?.();
  };
  shell.currentChanged.connect(collapse);
  collapse(shell, { newValue: shell.currentWidget });
}

document.addEventListener("DOMContentLoaded", async () => {
  document.head.append(style);
  document.body.append(lines);
  const reason = missing();
  if (reason) {
    say(`Python cannot run here: ${reason}. ${NEEDS}`);
    return;
  }
  while (!window.jupyterapp) await new Promise((resolve) => setTimeout(resolve, 100));
  await window.jupyterapp.started;
  passOnInterrupts(window.jupyterapp);
  watchForNewer(window.jupyterapp);
  makeRoom(window.jupyterapp.shell);
});
