// Runs Python programs under the CPython that Pyodide compiles to WebAssembly, which is newer than the one that
// runs the tests. The first line of the output is its version. Then each line of the input names a folder with
// a main.py. What main.py prints is written to the file `output` in that folder, and the answer is "done", or what
// went wrong outside the program.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { loadPyodide } from "pyodide";

const HOST = "/host";
const python = await loadPyodide({ env: { HOME: "/", PYTHONHASHSEED: "0" } });
python.mountNodeFS(HOST, "/");
python.runPython(readFileSync(new URL("../newer_python/isolated.py", import.meta.url), "utf8"));
const run = python.globals.get("run");

process.stdout.write(`${python.runPython("import platform; platform.python_version()")}\n`);
for await (const folder of createInterface({ input: process.stdin })) {
  try {
    run(HOST + folder);
    process.stdout.write("done\n");
  } catch (error) {
    process.stdout.write(`${JSON.stringify(String(error))}\n`);
  }
}
