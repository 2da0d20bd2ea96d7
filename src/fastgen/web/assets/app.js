// The page: every change of the choice becomes a query, and the answer becomes tree, file and command.

import { fromQuery, placed, semicolonFaults, toQuery } from "./choice.js";
import { byId, copy, counted, make, size } from "./dom.js";
import { drawForm, showFaults, showPreview } from "./form.js";
import { showDifference, showFile, showSentence } from "./reader.js";
import { drawTree, marks, moveByKeys, setCurrent } from "./tree.js";

const PAUSE = 200; // milliseconds without a key before the choice is sent
const PATIENCE = 500; // milliseconds after which the page says that it waits
const FIRST = "app/main.py";

const NO_ANSWER = { loc: [], msg: "The server does not answer.", hint: "Reload the page when it does: the address holds the choice." };

const offer = await load("offer");
const choice = fromQuery(location.search, offer);
let preview = null;
let marked = new Map();
let only = false;
let reading = { path: FIRST };
let request = new AbortController();
let timer = 0;
let waiting = 0;
let isCurrent = false; // whether tree, links and commands are those of the choice

/** What the page needs from the server to begin. */
async function load(url) {
  const response = await fetch(url).catch(() => null);
  if (response?.ok) return response.json();
  showFaults([NO_ANSWER]);
  throw new Error(NO_ANSWER.msg);
}

function changed() {
  isCurrent = false;
  clearTimeout(timer);
  timer = setTimeout(update, PAUSE);
}

async function update() {
  clearTimeout(timer);
  clearTimeout(waiting);
  waiting = setTimeout(() => (byId("status").textContent = "Rendering"), PATIENCE);
  request.abort();
  request = new AbortController();
  const query = toQuery(choice);
  setAddress();
  const faults = semicolonFaults(choice);
  if (faults.length) return refuse(faults);
  let response;
  try {
    response = await fetch(`preview?${query}`, { signal: request.signal });
  } catch (error) {
    if (error.name !== "AbortError") refuse([NO_ANSWER]);
    return;
  }
  if (response.ok) return accept(await response.json(), query);
  const seconds = Number(response.headers.get("Retry-After"));
  if (seconds) timer = setTimeout(update, 1000 * seconds);
  const problem = await response.json().catch(() => ({ detail: "The choice is too long for a link." }));
  refuse(problem.errors ? placed(problem.errors, choice) : [{ loc: [], msg: problem.detail }]);
}

function settled() {
  isCurrent = true;
  clearTimeout(waiting);
}

/** The address of the page holds the choice, also after the button that goes back. */
function setAddress() {
  history.replaceState(null, "", `?${toQuery(choice)}`);
}

function accept(found, query) {
  settled();
  const before = preview;
  preview = found;
  if (before) marked = marks(before.files, found.files);
  document.body.classList.remove("is-stale");
  showFaults([]);
  showPreview(choice, offer, found);
  showStatus();
  draw();
  const download = byId("download");
  download.href = `project.zip?${query}`;
  download.removeAttribute("aria-disabled");
  byId("describe").href = `project.toml?${query}`;
  byId("copy-commands").disabled = false;
  byId("commands").replaceChildren(...found.commands.map((line) => make("span", {}, `${line}\n`)));
  const file = found.files.find((one) => one.path === reading.path);
  const same = before?.files.find((one) => one.path === reading.path)?.checksum;
  if (reading.part) compare(reading.part);
  else if (!file) showSentence(reading.path, "This file is not in the project any more.");
  else if (file.checksum !== same) read(file.path);
}

function refuse(faults) {
  settled();
  document.body.classList.add("is-stale");
  byId("download").removeAttribute("href");
  byId("download").setAttribute("aria-disabled", "true");
  byId("describe").removeAttribute("href");
  byId("copy-commands").disabled = true; // these are of the choice before
  byId("status").className = "fault";
  byId("status").textContent = counted(faults.length, "fault");
  showFaults(faults);
}

function showStatus() {
  const numbers = { new: 0, changed: 0, gone: 0 };
  for (const mark of marked.values()) numbers[mark] += 1;
  const words = Object.entries(numbers).filter(([, number]) => number).map(([mark, number]) => `${number} ${mark}`);
  byId("status").className = "";
  const total = `${counted(preview.files.length, "file")}, ${size(preview.bytes)}`;
  byId("status").replaceChildren(...(words.length ? [make("strong", {}, words.join(", ")), " of "] : []), total);
  only &&= marked.size > 0;
  const button = byId("only-marked");
  button.hidden = !marked.size;
  button.textContent = `Only the ${marked.size} marked`;
  button.setAttribute("aria-pressed", only);
}

const draw = () => drawTree(preview.files, marked, only, openFile);

function view(name) {
  document.body.dataset.view = name;
  for (const button of document.querySelectorAll(".tabs button")) {
    button.setAttribute("aria-pressed", button.dataset.view === name);
  }
}

function openFile(path) {
  view("read");
  read(path);
}

async function read(path) {
  reading = { path };
  setCurrent(path);
  const file = preview.files.find((one) => one.path === path);
  const query = toQuery(choice);
  query.set("path", path);
  const text = await answer(`file?${query}`, path, (response) => response.text());
  if (text !== null && reading.path === path) showFile(file, text);
}

async function compare(part) {
  reading = { part };
  setCurrent("");
  const query = toQuery(choice);
  query.set("part", part.name);
  const found = await answer(`difference?${query}`, part.name, (response) => response.json());
  if (found !== null && reading.part === part) showDifference(part, found, openFile);
}

/** What the server answers; its fault is shown in place of it. */
async function answer(url, title, parse) {
  try {
    const response = await fetch(url);
    if (response.ok) return await parse(response);
    showSentence(title, (await response.json()).detail, "fault");
  } catch {
    showSentence(title, "The server does not answer.", "fault");
  }
  return null;
}

addEventListener("popstate", setAddress);
byId("version").textContent = offer.version;
byId("tree").addEventListener("keydown", moveByKeys);
byId("choose").addEventListener("submit", (event) => event.preventDefault());
byId("copy-link").addEventListener("click", ({ target }) => {
  setAddress();
  copy(location.href, target);
});
byId("copy-commands").addEventListener("click", async ({ target }) => {
  if (!isCurrent) await update();
  if (!target.disabled) copy(preview.commands.join("\n"), target);
});
for (const link of [byId("download"), byId("describe")]) {
  link.addEventListener("click", async (event) => {
    if (isCurrent) return;
    event.preventDefault(); // it still has the choice before
    await update();
    if (link.href) link.click();
  });
}
byId("only-marked").addEventListener("click", () => {
  only = !only;
  showStatus();
  draw();
});
for (const button of document.querySelectorAll(".tabs button")) {
  button.addEventListener("click", () => view(button.dataset.view));
}
drawForm(choice, offer, changed, (part) => {
  view("read");
  compare(part);
});
await update();
document.documentElement.dataset.ready = "true";
