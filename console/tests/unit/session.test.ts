import { expect, test } from "vitest";
import { Session } from "../../src/auth/session";
import { makeSend } from "../../src/api/http";
import { parseConfig } from "../../src/config";

const CONFIG = { url: "https://sign-in.test", clientId: "page", scopes: ["openid", "api/read"] };

class Memory {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

function makeSession(answers: (form: URLSearchParams) => Response | Promise<Response>) {
  const gone: string[] = [];
  const forms: URLSearchParams[] = [];
  const session = new Session(CONFIG, {
    storage: new Memory(),
    fetch: (_url, init) => {
      const form = init?.body as URLSearchParams;
      forms.push(form);
      return Promise.resolve(answers(form));
    },
    now: () => 1_000_000,
    origin: "https://page.test",
    go: (url) => void gone.push(url),
  });
  return { session, gone, forms };
}

function tokens(access: string, seconds = 3600, refresh: string | null = "refresh-1") {
  return Response.json({
    access_token: access,
    expires_in: seconds,
    ...(refresh ? { refresh_token: refresh } : {}),
  });
}

async function signIn(made: ReturnType<typeof makeSession>) {
  await made.session.signIn("#/jobs/j1");
  const asked = new URL(made.gone[0] ?? "");
  return made.session.complete(`?code=abc&state=${asked.searchParams.get("state") ?? ""}`);
}

test("signing in asks for a code with a challenge, and comes back to the same part of the page", async () => {
  const made = makeSession(() => tokens("access-1"));
  expect(await signIn(made)).toBe("#/jobs/j1");
  const asked = new URL(made.gone[0] ?? "");
  expect(asked.pathname).toBe("/oauth2/authorize");
  expect(asked.searchParams.get("code_challenge_method")).toBe("S256");
  const verifier = made.forms[0]?.get("code_verifier") ?? "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  expect(asked.searchParams.get("code_challenge")).toBe(Buffer.from(digest).toString("base64url"));
  expect(await made.session.headers()).toEqual({ Authorization: "Bearer access-1" });
});

test("an answer with another state is not ours", async () => {
  const made = makeSession(() => tokens("access-1"));
  await made.session.signIn("#/jobs");
  expect(await made.session.complete("?code=abc&state=forged")).toBeNull();
  expect(made.session.signedIn).toBe(false);
});

test("a token about to expire is renewed once for all who ask", async () => {
  const made = makeSession((form) =>
    form.get("grant_type") === "refresh_token" ? tokens("access-2", 3600, null) : tokens("access-1", 30),
  );
  await signIn(made);
  const headers = await Promise.all([made.session.headers(), made.session.headers()]);
  expect(headers).toEqual([{ Authorization: "Bearer access-2" }, { Authorization: "Bearer access-2" }]);
  expect(made.forms).toHaveLength(2);
});

test("tokens that were refused are renewed, but not those that came since", async () => {
  const made = makeSession((form) =>
    tokens(form.get("grant_type") === "refresh_token" ? "access-2" : "access-1", 3600),
  );
  await signIn(made);
  const refused = { Authorization: "Bearer access-1" };
  expect(await made.session.renew(refused)).toBe(true);
  expect(await made.session.renew(refused)).toBe(true);
  expect(made.forms.map((form) => form.get("grant_type"))).toEqual(["authorization_code", "refresh_token"]);
  expect(await made.session.headers()).toEqual({ Authorization: "Bearer access-2" });
});

test("a person is called by their user name, whatever letters it has", async () => {
  const claims = Buffer.from(JSON.stringify({ username: "zoë" })).toString("base64url");
  const made = makeSession(() => tokens(`header.${claims}.signature`));
  expect(made.session.person).toBeNull();
  await signIn(made);
  expect(made.session.person).toBe("zoë");
});

test("when the server no longer accepts the person, that is told and nothing is thrown away", async () => {
  let told = 0;
  const identity = { headers: () => Promise.resolve({}), renew: () => Promise.resolve(false) };
  const send = makeSend(
    identity,
    () => (told += 1),
    () => Promise.resolve(new Response(null, { status: 401 })),
  );
  await expect(send("GET", "/api/x")).rejects.toThrow("session has ended");
  expect(told).toBe(1);
});

test.each([
  [null, "no object"],
  [{ auth: "basic" }, '"auth" must be'],
  [{ auth: "cognito" }, 'needs "signIn"'],
  [{ auth: "cognito", signIn: { url: "javascript:alert(1)", clientId: "x" } }, "https"],
  [{ auth: "cognito", signIn: { url: "http://sign-in.test", clientId: "x" } }, "https"],
  [{ auth: "cognito", signIn: { url: "http://127.0.0.1.sign-in.test", clientId: "x" } }, "https"],
  [{ auth: "none", modelRunningAlarmHours: "12" }, "or null for no alarm"],
])("a wrong config.json (%o) is refused", (raw, reason) => {
  expect(() => parseConfig(raw)).toThrow(reason);
});

test.each([
  [{ modelRunningAlarmHours: 6 }, 6],
  [{ modelRunningAlarmHours: null }, null],
  [{}, 12],
])("a config.json that says %o has the alarm after %o hours", (raw, hours) => {
  expect(parseConfig({ auth: "none", ...raw }).modelRunningAlarmHours).toBe(hours);
});

test("a config.json of a deployment without sign-in is understood", () => {
  const config = parseConfig({ auth: "none", modelRunningAlarmHours: 6, workersHeader: true });
  expect(config).toMatchObject({
    auth: "none",
    modelRunningAlarmHours: 6,
    workersHeader: true,
    signIn: null,
  });
});
