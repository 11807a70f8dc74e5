// Runs checks.py in Pyodide, a browser's Python, under Node, and prints its results as JSON.
//
//     node run.mjs PYODIDE PACKAGE CHECKS SHARED [EXTRA ...]
//
// PYODIDE is the folder of the distribution, PACKAGE that of scratchcnn, CHECKS that of
// checks.py, and SHARED one in which both Pythons leave files for each other. EXTRA are packages
// in plain Python that are not to be found until the script asks for them. Nothing comes from the
// network.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, library, checks, shared, ...extras] = process.argv.slice(2);
// Uncaught, an error of Pyodide prints its whole source of a megabyte.
process.on("uncaughtException", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
const begin = performance.now();
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
const silent = () => {}; // standard output is for the results
const pyodide = await loadPyodide({ indexURL: folder + path.sep, stdout: silent });
await pyodide.loadPackage("numpy", { messageCallback: silent });

// Copied into memory, where a browser's Python has its files.
function copy(source, target) {
  if (fs.statSync(source).isDirectory()) {
    pyodide.FS.mkdirTree(target);
    for (const name of fs.readdirSync(source)) {
      if (name !== "__pycache__") copy(path.join(source, name), `${target}/${name}`);
    }
  } else {
    pyodide.FS.writeFile(target, fs.readFileSync(source));
  }
}
pyodide.FS.mkdirTree("/extra");
copy(library, "/course/scratchcnn");
copy(checks, "/checks");
for (const extra of extras) copy(extra, `/extra/${path.basename(extra)}`);
pyodide.mountNodeFS("/shared", path.resolve(shared));

const start = (performance.now() - begin) / 1000;
const results = await pyodide.runPythonAsync(`
import sys
sys.path[:0] = ["/checks", "/course"]
from checks import results
await results("/shared", "/extra")
`);
process.stdout.write(JSON.stringify({ start: { seconds: start, warnings: [] }, ...JSON.parse(results) }));
