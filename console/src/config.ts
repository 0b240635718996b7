/** What the deployment says about itself in `/config.json`, which stands beside the page. */
export interface Config {
  readonly auth: "none" | "cognito" | "iam";
  readonly region: string | null;
  readonly signIn: SignInConfig | null;
  /** After how many hours a running model is called out in red; null for never. */
  readonly modelRunningAlarmHours: number | null;
  /** Whether the API takes the person's name from the header X-Worker. */
  readonly workersHeader: boolean;
}

export interface SignInConfig {
  /** The hosted sign-in, for example https://ekyc.auth.eu-west-1.amazoncognito.com. */
  readonly url: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** Read what /config.json held; throws when it is not what the page understands. */
export function parseConfig(raw: unknown): Config {
  if (typeof raw !== "object" || raw === null) throw new Error("config.json holds no object.");
  const members = raw as Record<string, unknown>;
  const auth = members["auth"];
  if (auth !== "none" && auth !== "cognito" && auth !== "iam") {
    throw new Error('config.json: "auth" must be none, cognito or iam.');
  }
  const signIn = parseSignIn(members["signIn"]);
  if (auth === "cognito" && signIn === null) throw new Error('config.json: auth cognito needs "signIn".');
  return {
    auth,
    region: typeof members["region"] === "string" ? members["region"] : null,
    signIn,
    modelRunningAlarmHours: parseHours(members["modelRunningAlarmHours"]),
    workersHeader: members["workersHeader"] === true,
  };
}

/** Null is said by a deployment that has switched the alarm off; one that says nothing has the usual one. */
function parseHours(raw: unknown): number | null {
  if (raw === undefined) return 12;
  if (raw === null || (typeof raw === "number" && raw > 0)) return raw;
  throw new Error('config.json: "modelRunningAlarmHours" must be a number of hours, or null for no alarm.');
}

function parseSignIn(raw: unknown): SignInConfig | null {
  if (typeof raw !== "object" || raw === null) return null;
  const { url, clientId, scopes } = raw as Record<string, unknown>;
  if (typeof url !== "string" || typeof clientId !== "string" || !isPrivate(url)) {
    throw new Error('config.json: "signIn" needs "url" (https, or on this machine) and "clientId".');
  }
  const named: unknown[] = Array.isArray(scopes)
    ? scopes
    : typeof scopes === "string"
      ? scopes.split(" ")
      : [];
  return {
    url: url.replace(/\/+$/, ""),
    clientId,
    scopes: named.filter((scope): scope is string => typeof scope === "string" && scope !== ""),
  };
}

/** Whether nobody on the way can read along: with TLS, or without leaving the machine. */
function isPrivate(url: string): boolean {
  return /^https:\/\/[^/?#]|^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/.test(url);
}

export async function loadConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`config.json: the server answered ${answer.status}.`);
  return parseConfig(await answer.json());
}
