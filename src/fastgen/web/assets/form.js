// The form: what is typed goes into the choice, and faults are shown beside their fields.

import { emptyField, emptyRouter } from "./choice.js";
import { byId, make, sentence } from "./dom.js";

const TEXTS = ["name", "title", "description", "author"];

/** Draw the form of a choice; `changed` is called after every change of it. */
export function drawForm(choice, offer, changed, showDifference) {
  for (const key of TEXTS) {
    const input = byId(key);
    input.value = choice[key];
    input.addEventListener("input", () => changed((choice[key] = input.value)));
  }
  const toggle = (key) => (name, on) => changed(choice[key][on ? "add" : "delete"](name));
  drawChoices("patterns", offer.patterns, "checkbox", choice.patterns, toggle("patterns"), showDifference);
  drawChoices("extras", offer.extras ?? [], "checkbox", choice.extras, toggle("extras"), showDifference);
  const engine = choice.queue || offer.queue?.[0]?.name;
  drawChoices("queue", offer.queue ?? [], "radio", new Set([engine]), (name) => changed((choice.queue = name)));
  byId("extras-section").hidden = !offer.extras?.length;
  const redraw = () => drawRouters(choice, offer, changed);
  redraw();
  byId("add-router").addEventListener("click", () => {
    choice.routers.push(emptyRouter());
    redraw();
    byId(`router-${choice.routers.length - 1}-name`).focus();
    changed();
  });
}

/** Show which patterns are there, also those that others need, and the defaults of the texts. */
export function showPreview(choice, offer, preview) {
  for (const one of offer.patterns) {
    const input = byId(`patterns-${one.name}`);
    const isIncluded = preview.patterns.includes(one.name);
    input.indeterminate = isIncluded && !choice.patterns.has(one.name);
    input.closest("li").classList.toggle("is-chosen", isIncluded);
    const users = offer.patterns.filter((user) => preview.patterns.includes(user.name) && user.needs.includes(one.name));
    const needed = input.indeterminate ? `included by ${users.map((user) => user.name).join(", ")}` : "";
    byId(`patterns-${one.name}-needs`).textContent = needed || (one.needs.length ? `brings ${one.needs.join(", ")}` : "");
  }
  for (const one of offer.extras) {
    byId(`extras-${one.name}`).closest("li").classList.toggle("is-chosen", choice.extras.has(one.name));
    byId(`extras-${one.name}-needs`).textContent = one.needs.length ? `needs ${one.needs.join(", ")}` : "";
  }
  byId("queue-section").hidden = !(offer.queue?.length > 1 && preview.patterns.includes("queue"));
  byId("title").placeholder = preview.title;
  byId("description").placeholder = preview.description;
}

/** Show faults beside the fields that they belong to, and the others above the form. */
export function showFaults(faults) {
  for (const old of document.querySelectorAll("#choose .fault:not(#fault)")) old.remove();
  for (const input of document.querySelectorAll("#choose [aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  const others = faults.filter((fault) => !showBeside(fault));
  byId("fault").hidden = !others.length;
  byId("fault").replaceChildren(...others.flatMap(words));
}

const words = ({ msg, hint }) => sentence(`${msg} ${hint ?? ""} `);

function showBeside(fault) {
  const place = fault.loc.slice(1);
  if (place[0] === "router" && place.length === 2) place.push("name");
  const id = place.join("-");
  const field = place.length ? byId(id) : null;
  if (!field) return false;
  const text = make("p", { class: "fault", id: `${id}-fault` }, ...words(fault));
  field.closest("section").hidden = false; // that of the engine, where a link names one that is not on offer
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", text.id);
  const group = field.closest(".one");
  if (group) group.append(text);
  else (field.closest(".row") ?? field).after(text);
  return true;
}

function drawChoices(id, offered, type, chosen, toggled, showDifference) {
  const unknown = [...chosen].filter((name) => name && !offered.some((one) => one.name === name));
  const entries = [...offered, ...unknown.map((name) => ({ name, summary: "not on offer", isUnknown: true }))];
  const rows = entries.map((one) => {
    const input = make("input", { type, id: `${id}-${one.name}`, name: id, checked: chosen.has(one.name) });
    input.addEventListener("change", () => toggled(one.name, input.checked));
    const needs = make("span", { class: "needs", id: `${id}-${one.name}-needs` });
    const more = make("button", { type: "button", class: "quiet", "aria-label": `Difference that ${one.name} makes`, onclick: () => showDifference(one) }, "Difference");
    return make("li", {}, input, make("label", { for: input.id }, one.name, needs), ...(showDifference && !one.isUnknown ? [more] : []), make("p", {}, ...sentence(one.summary)));
  });
  byId(id).replaceChildren(...rows);
}

function drawRouters(choice, offer, changed) {
  const redraw = (focus) => {
    drawRouters(choice, offer, changed);
    byId(focus)?.focus();
    changed();
  };
  byId("routers").replaceChildren(...choice.routers.map((router, index) => drawRouter(router, index, choice, offer, changed, redraw)));
  byId("add-router").disabled = choice.routers.length >= offer.limits.routers;
}

function drawRouter(router, index, choice, offer, changed, redraw) {
  const id = `router-${index}`;
  const remove = () => {
    choice.routers.splice(index, 1);
    redraw("add-router");
  };
  const addField = () => {
    router.fields.push(emptyField());
    redraw(`${id}-fields-${router.fields.length - 1}`);
  };
  return make(
    "div",
    { class: "router", role: "group", "aria-label": `Router ${index + 1}` },
    make(
      "div",
      { class: "row" },
      labelled("Name, plural", input(router, "name", changed, { id: `${id}-name`, placeholder: "orders" })),
      labelled("Singular", input(router, "singular", changed, { id: `${id}-singular`, placeholder: "derived" })),
      removeButton(`Remove the router ${router.name}`, remove),
    ),
    make("div", { class: "more" }, flag(router, "owned", changed, "owned by users, where there are any")),
    ...router.fields.map((field, number) => drawField(field, number, router, id, offer, changed, redraw)),
    make("button", { type: "button", class: "add", onclick: addField, disabled: router.fields.length >= offer.limits.fields }, "Add a field"),
  );
}

function drawField(field, number, router, routerId, offer, changed, redraw) {
  const id = `${routerId}-fields-${number}`;
  const type = offer.types.find((one) => one.name === field.type) ?? { flags: {} };
  const remove = () => {
    router.fields.splice(number, 1);
    redraw(`${routerId}-name`);
  };
  const names = offer.types.some((one) => one.name === field.type) ? offer.types.map((one) => one.name) : [...offer.types.map((one) => one.name), field.type];
  const select = make("select", { id: `${id}-type` }, ...names.map((name) => make("option", { selected: name === field.type }, name)));
  select.addEventListener("change", () => {
    const { name } = field;
    for (const key of Object.keys(field)) delete field[key];
    Object.assign(field, { name, type: select.value, argument: "" });
    redraw(select.id);
  });
  const text = (key, label, attributes) => labelled(label, input(field, key, changed, attributes));
  // A link can have what is not for this type: it is shown, so that it can be taken away.
  const more = [
    ...(type.argument || field.argument ? [text("argument", type.name === "ref" ? "router" : "choices", { class: "long", placeholder: type.argument })] : []),
    flag(field, "optional", changed),
    ...(type.unique || field.unique ? [flag(field, "unique", changed)] : []),
    ...((type.index && !type.argument) || field.index ? [flag(field, "index", changed)] : []),
    ...(type.limits || field.min || field.max ? [text("min", "min"), text("max", "max")] : []),
    ...(type.default || field.default ? [text("default", "default", { placeholder: type.example })] : []),
    ...(type.words || field.not ? [text("not", "not", { placeholder: "a|b" })] : []),
  ];
  return make(
    "div",
    { class: "one", role: "group", "aria-label": `Field ${number + 1}` },
    make(
      "div",
      { class: "row" },
      labelled("Field", input(field, "name", changed, { id, placeholder: "total" })),
      labelled("Type", select),
      removeButton(`Remove the field ${field.name}`, remove),
    ),
    make("div", { class: "more" }, ...more),
  );
}

function input(target, key, changed, attributes = {}) {
  const element = make("input", { autocomplete: "off", autocapitalize: "off", spellcheck: "false", ...attributes });
  element.value = target[key] ?? "";
  element.addEventListener("input", () => changed((target[key] = element.value.trim())));
  return element;
}

function flag(target, key, changed, label = key) {
  const element = make("input", { type: "checkbox", checked: target[key] });
  element.addEventListener("change", () => changed((target[key] = element.checked)));
  return make("label", {}, element, label);
}

const labelled = (label, element) => make("label", {}, label, element);
const removeButton = (label, onclick) => make("button", { type: "button", class: "remove", "aria-label": label, title: "Remove", onclick }, "×");
