// Nothing is loaded from elsewhere, and no text of others is ever taken for HTML.
const api = new URL("api/v1/", document.baseURI);
const byId = (id) => document.getElementById(id);
const values = (form) => Object.fromEntries(new FormData(form));

let token = null;
let socket = null;
let following = null;

function tell(text) {
  byId("state").textContent = text;
}

function add(list, text) {
  const line = document.createElement("li");
  line.textContent = text;
  byId(list).append(line);
  line.scrollIntoView({ block: "nearest" });
}

async function ask(path, options = {}) {
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(new URL(path, api), { ...options, headers });
  if (!response.ok) throw new Error((await response.json()).detail);
  return response;
}

function asJson(body) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function onSubmit(id, act) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    tell("");
    try {
      await act(values(event.target), event.target);
    } catch (error) {
      tell(error.message);
    }
  });
}

onSubmit("sign-in", async ({ email, password }) => {
  const form = new URLSearchParams({ username: email, password });
  token = (await (await ask("auth/token", { method: "POST", body: form })).json()).access_token;
  tell("Signed in.");
});

onSubmit("enter", async ({ room }) => {
  socket?.close();
  byId("messages").replaceChildren();
  const address = new URL(`ws/${encodeURIComponent(room)}`, api);
  address.protocol = address.protocol.replace("http", "ws");
  if (token) address.searchParams.set("ticket", (await (await ask("ws/ticket", asJson({ room }))).json()).ticket);
  const opened = new WebSocket(address);
  socket = opened;
  opened.onmessage = ({ data }) => hear(JSON.parse(data));
  opened.onclose = ({ code, reason }) => {
    if (socket === opened) tell(`The room is closed: ${code} ${reason}`);
  };
});

function hear(message) {
  if (message.type === "message") add("messages", `${message.sender}: ${message.text}`);
  if (message.type === "presence") byId("members").textContent = message.members.join(", ");
  if (message.type === "error") tell(message.detail);
}

onSubmit("say", async ({ text }, form) => {
  if (socket?.readyState !== WebSocket.OPEN) throw new Error("Enter a room first.");
  socket.send(JSON.stringify({ type: "message", text }));
  form.reset();
});

// Not EventSource: it could not send the token.
onSubmit("follow", async ({ topic }) => {
  following?.abort();
  following = new AbortController();
  byId("frames").replaceChildren();
  const response = await ask(`events/${encodeURIComponent(topic)}`, { signal: following.signal });
  read(response.body.pipeThrough(new TextDecoderStream()).getReader()).catch(() => tell("The stream has ended."));
});

async function read(reader) {
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("done");
    const frames = (text + value).split("\n\n");
    text = frames.pop();
    for (const frame of frames) {
      if (frame === ": open") tell("Following.");
      else if (!frame.startsWith(":")) add("frames", frame.replaceAll("\n", "  "));
    }
  }
}

onSubmit("publish", async ({ type, data }) => {
  const topic = values(byId("follow")).topic;
  await ask(`events/${encodeURIComponent(topic)}`, asJson({ type, data: JSON.parse(data) }));
});

const parts = await (await fetch("playground/parts.json")).json();
byId("sign-in").hidden = !parts.sign_in;
byId("events").hidden = !parts.events;
tell("Ready.");
