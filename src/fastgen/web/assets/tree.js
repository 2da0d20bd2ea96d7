// The tree of files: what is new, changed or gone since the last choice is marked.

import { byId, make } from "./dom.js";

const LABELS = { new: "new", changed: "changed", gone: "gone" };
const open = new Set(["app"]);
let current = "";

/** What differs between two lists of files, by path. */
export function marks(before, after) {
  const old = new Map(before.map((file) => [file.path, file.checksum]));
  const found = new Map();
  for (const { path, checksum } of after) {
    if (!old.has(path)) found.set(path, "new");
    else if (old.get(path) !== checksum) found.set(path, "changed");
    old.delete(path);
  }
  for (const path of old.keys()) found.set(path, "gone");
  return found;
}

/** Draw the tree; `show` is called with the path of a file that is chosen. */
export function drawTree(files, marked, only, show) {
  const gone = [...marked].filter(([, mark]) => mark === "gone").map(([path]) => path);
  const paths = [...files.map((file) => file.path), ...gone].filter((path) => !only || marked.has(path));
  const root = folder("", paths);
  const tree = byId("tree");
  const focused = tree.contains(document.activeElement) ? document.activeElement.dataset.path : null;
  const scroll = tree.scrollTop;
  const empty = make("p", { class: "empty" }, "Nothing has changed.");
  tree.replaceChildren(paths.length ? list(root, marked, only, show) : empty);
  tree.scrollTop = scroll;
  setCurrent(current);
  if (focused != null) item(focused)?.focus();
}

/** Mark the file that is being read. */
export function setCurrent(path) {
  current = path;
  for (const one of byId("tree").querySelectorAll("[aria-current]")) one.removeAttribute("aria-current");
  item(path)?.setAttribute("aria-current", "true");
}

function item(path) {
  return byId("tree").querySelector(`[data-path="${CSS.escape(path)}"]`);
}

function folder(path, paths) {
  const folders = new Map();
  const files = [];
  for (const one of paths) {
    const slash = one.indexOf("/", path.length);
    if (slash < 0) files.push(one);
    else {
      const below = one.slice(0, slash + 1);
      folders.set(below, [...(folders.get(below) ?? []), one]);
    }
  }
  const names = [...folders.keys()].sort();
  return { path, all: paths, folders: names.map((name) => folder(name, folders.get(name))), files: files.sort() };
}

function list(node, marked, all, show) {
  const folders = node.folders.map((one) => make("li", {}, drawFolder(one, marked, all, show)));
  const files = node.files.map((path) => make("li", {}, drawFile(path, node.path, marked.get(path), show)));
  return make("ul", {}, ...folders, ...files);
}

function drawFolder(node, marked, all, show) {
  const path = node.path.slice(0, -1);
  const number = node.all.filter((one) => marked.has(one)).length;
  const label = make("span", { class: "label" }, path.slice(path.lastIndexOf("/") + 1));
  const mark = number ? [make("span", { class: "mark count" }, `${number}`, hidden(" marked"))] : [];
  const summary = make("summary", { "data-path": path }, label, ...mark);
  const details = make("details", { open: all || open.has(path) }, summary);
  const fill = () => details.children.length > 1 || details.append(list(node, marked, all, show));
  if (details.open) fill();
  details.addEventListener("toggle", () => {
    fill();
    if (!all) open[details.open ? "add" : "delete"](path);
  });
  return details;
}

function drawFile(path, above, mark, show) {
  const label = make("span", { class: "label" }, path.slice(above.length));
  const tag = mark ? [make("span", { class: `mark ${mark}` }, LABELS[mark])] : [];
  const attributes = { type: "button", class: `file ${mark ?? ""}`, "data-path": path, title: path };
  if (mark === "gone") return make("span", { ...attributes, type: null }, label, ...tag);
  return make("button", { ...attributes, onclick: () => show(path) }, label, ...tag);
}

const hidden = (text) => make("span", { class: "hidden" }, text);

/** Arrow keys: up and down between what is shown, left and right to close and open a folder. */
export function moveByKeys(event) {
  const items = [...byId("tree").querySelectorAll("summary, button")].filter((one) => one.offsetParent);
  const index = items.indexOf(document.activeElement);
  if (index < 0) return;
  const one = items[index];
  const details = one.tagName === "SUMMARY" ? one.parentElement : null;
  if (event.key === "ArrowDown") items[index + 1]?.focus();
  else if (event.key === "ArrowUp") items[index - 1]?.focus();
  else if (event.key === "ArrowRight" && details && !details.open) {
    details.open = true;
    details.dispatchEvent(new Event("toggle")); // at once: the next key may follow
  } else if (event.key === "ArrowRight" && details) items[index + 1]?.focus();
  else if (event.key === "ArrowLeft" && details?.open) details.open = false;
  else if (event.key === "ArrowLeft") one.closest("ul").closest("details")?.querySelector("summary").focus();
  else return;
  event.preventDefault();
}
