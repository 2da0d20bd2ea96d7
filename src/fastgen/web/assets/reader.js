// What is read at the right: a file, or the difference that a pattern makes.

import { byId, counted, make, sentence, size } from "./dom.js";
import { highlighted } from "./highlight.js";

/** Show the text of a file. */
export function showFile(file, text) {
  const lines = text.endsWith("\n") ? text.slice(0, -1) : text;
  const numbers = lines.split("\n").map((_, index) => index + 1).join("\n");
  const origin = file.addition || file.pattern;
  head(file.path, [size(file.bytes), origin].filter(Boolean).join(" · "));
  fill(
    make(
      "div",
      { class: "code" },
      make("pre", { class: "numbers", "aria-hidden": "true" }, numbers),
      make("pre", {}, make("code", {}, highlighted(lines, file.path))),
    ),
  );
}

/** Show what a pattern or an extra brings, and the files that it adds, removes and changes. */
export function showDifference(part, found, open) {
  const without = found.others.length ? ` Without it, ${found.others.join(" and ")} would go too.` : "";
  head(part.name, "what it brings");
  fill(
    make(
      "div",
      { class: "pattern" },
      make("p", {}, ...sentence(`${part.summary}.${without}`)),
      brings(part),
      ...paths(found.added, "added", (path) => make("button", { type: "button", onclick: () => open(path) }, path)),
      ...paths(found.removed, "removed", (path) => make("span", { class: "gone" }, path)),
      ...(found.changed.length ? [make("h3", {}, `${counted(found.changed.length, "file")} changed`)] : []),
      ...found.changed.map(drawChange),
    ),
  );
}

/** Show one sentence in place of a file. */
export function showSentence(title, text, kind = "empty") {
  head(title, "");
  fill(make("p", { class: kind }, ...sentence(text)));
}

function brings(part) {
  const rows = [
    ["Patterns", part.needs],
    ["Packages", part.packages],
    ["Routes", part.routes],
    ["Settings", part.settings],
  ];
  const shown = rows.filter(([, values]) => values.length);
  return make("dl", {}, ...shown.flatMap(([key, values]) => [make("dt", {}, key), make("dd", {}, values.join(", "))]));
}

function paths(found, what, draw) {
  if (!found.length) return [];
  const items = found.map((path) => make("li", {}, draw(path)));
  return [make("h3", {}, `${counted(found.length, "file")} ${what}`), make("ul", { class: "paths" }, ...items)];
}

function drawChange(file) {
  const kinds = { "+": "plus", "-": "minus", "@": "where" };
  const lines = file.lines.map((line) => make("span", { class: kinds[line[0]] ?? "" }, line || " "));
  return make("figure", {}, make("figcaption", {}, file.path), make("pre", { tabindex: "0" }, ...lines));
}

function head(title, about) {
  byId("read-heading").textContent = title || "No file";
  byId("read-about").textContent = about;
}

function fill(element) {
  byId("content").replaceChildren(element);
  byId("content").scrollTo(0, 0);
}
