// Loads Pyodide for a kernel, and says meanwhile how far it is.
//
// The kernel calls `loadPyodide` in a worker. The page that started the worker shows a bar, and hears of
// every byte. Pyodide itself comes from SOURCE: the folder of this file, or its makers' address.

const SOURCE = "%SOURCE%";
const TOTAL = Number("%TOTAL%"); // bytes that a first start loads
const HERE = new URL("./", import.meta.url).href;

let loaded = 0;

function tell(state, details = {}) {
  postMessage({ scratchcnn: { state, loaded, total: TOTAL, ...details } });
}

// Count what comes in, chunk by chunk; say so ten times a second.
function counting(fetch) {
  let told = 0;
  return async (...request) => {
    const response = await fetch(...request);
    if (!response.ok || !response.body) return response;
    const count = new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        if (performance.now() - told > 100) {
          told = performance.now();
          tell("loading");
        }
        controller.enqueue(chunk);
      },
      flush: () => tell("loading"),
    });
    const { status, statusText, headers } = response; // the type: WebAssembly compiles as it comes
    return new Response(response.body.pipeThrough(count), { status, statusText, headers });
  };
}

// The lock file names wheels beside it; Pyodide would look for them where it comes from itself.
async function lockFile() {
  const lock = await (await fetch(`${HERE}pyodide-lock.json`)).json();
  for (const entry of Object.values(lock.packages)) {
    entry.file_name = new URL(entry.file_name, HERE).href;
  }
  return URL.createObjectURL(new Blob([JSON.stringify(lock)], { type: "application/json" }));
}

// A message comes in only while Python does nothing, or waits in the middle of something, which
// startup.py notes. So a wish to stop reaches what is running, and nothing that runs later. A page
// may have several kernels: it names the clients of the one to stop, as the running cell does.
function takeInterrupts(pyodide, startup) {
  const signals = new Uint8Array(1);
  const kernel = { waiting: 0, client: null };
  pyodide.setInterruptBuffer(signals);
  pyodide.registerJsModule("scratchcnn_kernel", kernel);
  pyodide.runPython(startup, { globals: pyodide.toPy({}) });
  addEventListener("message", ({ data }) => {
    if (kernel.waiting && data?.scratchcnn?.interrupt.includes(kernel.client)) signals[0] = 2; // SIGINT
  });
}

// A wheel that did not arrive is no error to Pyodide, but to the Python with which the kernel starts
// itself. And Python may end later, in the middle of a cell, when the memory is used up.
function tellFailures(pyodide) {
  const run = pyodide.runPythonAsync.bind(pyodide); // only the start of the kernel calls it
  pyodide.runPythonAsync = (...code) =>
    run(...code).catch((error) => {
      tell("failed", { message: error.message });
      throw error;
    });
  let log;
  Object.defineProperty(pyodide._api, "on_fatal", {
    set: (kernels) => {
      log = kernels;
    },
    get: () => (error) => {
      tell("ended", { message: String(error) });
      return log?.(error);
    },
  });
}

export async function loadPyodide(options) {
  const source = new URL(SOURCE, HERE).href;
  const { fetch } = globalThis;
  globalThis.fetch = counting(fetch);
  tell("loading");
  try {
    const [{ loadPyodide }, lockFileURL] = await Promise.all([
      import(`${source}pyodide.mjs`),
      lockFile(),
    ]);
    const [pyodide, startup] = await Promise.all([
      loadPyodide({ ...options, indexURL: source, lockFileURL }),
      fetch(`${HERE}startup.py`).then((response) => response.text()),
    ]);
    takeInterrupts(pyodide, startup);
    tellFailures(pyodide);
    tell("loaded");
    return pyodide;
  } catch (error) {
    tell("failed", { message: String(error) });
    throw error;
  } finally {
    globalThis.fetch = fetch;
  }
}
