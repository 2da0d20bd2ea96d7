// A whole sign-in and CRUD by the types of openapi-typescript.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

declare const process: { argv: string[] };

const client = createClient<paths>({ baseUrl: process.argv[2] });

/** The data of a response; an error if it has none. */
function received<T>(result: { data?: T; error?: unknown; response: Response }): T {
  if (result.data === undefined) {
    throw new Error(`${result.response.url}: ${JSON.stringify(result.error)}`);
  }
  return result.data;
}

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

const email = "typescript@example.com";
const password = "a tall ship at dawn";
received(await client.POST("/api/v1/auth/register", { body: { email, password } }));
const form = { username: email, password };
const headers = { "Content-Type": "application/x-www-form-urlencoded" };
const tokens = received(await client.POST("/api/v1/auth/token", { body: form, headers }));
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${tokens.access_token}`);
    return request;
  },
});

const created = received(
  await client.POST("/api/v1/items", { body: { name: "Lamp", price: "12.50" } }),
);
const params = { path: { item_id: created.id } };
const patched = received(
  await client.PATCH("/api/v1/items/{item_id}", { params, body: { price: "10.00" } }),
);
check(patched.price === "10.00" && patched.name === "Lamp", "the patch");
const body = { name: "Chair", price: "3.00", status: "active" as const };
received(await client.PUT("/api/v1/items/{item_id}", { params, body }));
const read = received(await client.GET("/api/v1/items/{item_id}", { params }));
check(read.name === "Chair" && read.status === "active", "the replacement");
const page = received(await client.GET("/api/v1/items", { params: { query: { q: "chair" } } }));
check(page.total === 1 && page.items[0].id === created.id, "the list");
check((await client.DELETE("/api/v1/items/{item_id}", { params })).response.status === 204, "204");
check((await client.GET("/api/v1/items/{item_id}", { params })).response.status === 404, "404");
const logout = { body: { refresh_token: tokens.refresh_token } };
check((await client.POST("/api/v1/auth/logout", logout)).response.status === 204, "the logout");
check((await client.GET("/api/v1/users/me")).response.status === 401, "401 after the logout");
