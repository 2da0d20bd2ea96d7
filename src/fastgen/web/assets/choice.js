// The choice, and the query that holds it: the same parameters for the page, the tree and the zip.

const FLAGS = ["optional", "unique", "index"];
const SETTINGS = ["min", "max", "default", "not"];
const TEXTS = ["name", "title", "description", "author"];

export const emptyField = () => ({ name: "", type: "str", argument: "" });
export const emptyRouter = () => ({ name: "", singular: "", owned: true, fields: [emptyField()] });

/** The choice of a project before anything was chosen. */
export function defaults(offer) {
  const patterns = offer.patterns.filter((one) => one.default).map((one) => one.name);
  const choice = { title: "", description: "", author: "", queue: "", extras: new Set(), routers: [] };
  return { ...choice, name: "my-api", patterns: new Set(patterns) };
}

/** The choice that a query holds. */
export function fromQuery(search, offer) {
  const query = new URLSearchParams(search);
  const choice = defaults(offer);
  for (const key of [...TEXTS, "queue"]) choice[key] = query.get(key) ?? choice[key];
  const listed = (key) => query.getAll(key).flatMap((text) => text.split(",")).filter(Boolean);
  if (query.has("patterns")) choice.patterns = new Set(listed("patterns"));
  if (choice.patterns.has("all")) choice.patterns = new Set(offer.patterns.map((one) => one.name));
  choice.patterns.delete("none");
  choice.extras = new Set(listed("extras"));
  choice.routers = query.getAll("router").map(readRouter);
  const shared = listed("not_owned");
  for (const router of choice.routers) router.owned = !shared.includes(router.name);
  return choice;
}

/** The query of a choice; what is the default is left out. */
export function toQuery(choice) {
  const query = new URLSearchParams();
  for (const key of TEXTS) if (choice[key] || key === "name") query.set(key, choice[key]);
  query.set("patterns", [...choice.patterns].join(",") || "none");
  if (choice.queue && choice.patterns.has("queue")) query.set("queue", choice.queue);
  if (choice.extras.size) query.set("extras", [...choice.extras].join(","));
  for (const { router } of filled(choice)) query.append("router", writeRouter(router));
  const shared = filled(choice).filter(({ router }) => router.name && !router.owned).map(({ router }) => router.name);
  if (shared.length) query.set("not_owned", shared.join(","));
  return query;
}

/** The routers in which something was typed, each with its place in the form. */
function filled(choice) {
  return choice.routers
    .map((router, index) => ({ router, index, fields: filledFields(router) }))
    .filter(({ router, fields }) => router.name || router.singular || fields.length);
}

function filledFields(router) {
  return [...router.fields.keys()].filter((number) => router.fields[number].name);
}

/** The faults of a query, with the places that their routers and fields have in the form. */
export function placed(faults, choice) {
  const routers = filled(choice);
  return faults.map((fault) => {
    const [query, key, index, part, number] = fault.loc;
    const place = key === "router" && routers[index];
    if (!place) return fault;
    const rest = part === "fields" ? [part, place.fields[number] ?? 0] : part ? [part] : [];
    return { ...fault, loc: [query, key, place.index, ...rest] };
  });
}

/** A fault that only the page can see: the query has semicolons between fields. */
export function semicolonFaults(choice) {
  return choice.routers.flatMap((router, index) =>
    router.fields.flatMap((field, number) =>
      writeField(field).includes(";")
        ? [{ loc: ["query", "router", index, "fields", number], msg: "A field here cannot contain `;`.", hint: "Use `fastgen add router`." }]
        : [],
    ),
  );
}

function writeRouter(router) {
  const singular = router.singular ? `(${router.singular})` : "";
  const fields = filledFields(router).map((number) => writeField(router.fields[number]));
  return [`${router.name}${singular}`, ...(fields.length ? [fields.join(";")] : [])].join(":");
}

function writeField(field) {
  const flags = FLAGS.filter((flag) => field[flag]);
  const settings = SETTINGS.filter((key) => field[key]).map((key) => `${key}=${field[key]}`);
  const argument = field.argument ? `(${field.argument})` : "";
  return [field.name, `${field.type}${argument}`, ...flags, ...settings].join(":");
}

function readRouter(text) {
  const colon = text.indexOf(":");
  const head = colon < 0 ? text : text.slice(0, colon);
  const [, name, , singular = ""] = /^([^(]*)(\((.*)\))?$/s.exec(head) ?? [null, head];
  const fields = colon < 0 ? ["name:str:max=80"] : text.slice(colon + 1).split(";");
  return { name, singular, fields: fields.map(readField) };
}

function readField(text) {
  const [name, type = "", ...modifiers] = text.split(":");
  const [, word, , argument = ""] = /^([^(]*)(\((.*)\))?$/s.exec(type) ?? [null, type];
  const field = { name, type: word, argument };
  let last = "";
  for (const part of modifiers) {
    const [key] = part.split("=", 1);
    if (FLAGS.includes(part)) field[part] = true;
    else if (SETTINGS.includes(key) && part.includes("=")) field[(last = key)] = part.slice(key.length + 1);
    else if (last === "default") field.default += `:${part}`;
    else field.type += `:${part}`; // the server says what is wrong with it
  }
  return field;
}
