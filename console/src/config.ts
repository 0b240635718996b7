/** What the deployment says about itself in `/config.json`, which stands beside the page. */
export interface Config {
  readonly auth: "none" | "cognito" | "iam";
  readonly region: string | null;
  readonly signIn: SignInConfig | null;
  /** After how many hours a running model is called out in red. */
  readonly modelRunningAlarmHours: number;
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
  const hours = members["modelRunningAlarmHours"];
  return {
    auth,
    region: typeof members["region"] === "string" ? members["region"] : null,
    signIn,
    modelRunningAlarmHours: typeof hours === "number" && hours > 0 ? hours : 12,
    workersHeader: members["workersHeader"] === true,
  };
}

function parseSignIn(raw: unknown): SignInConfig | null {
  if (typeof raw !== "object" || raw === null) return null;
  const { url, clientId, scopes } = raw as Record<string, unknown>;
  if (typeof url !== "string" || typeof clientId !== "string" || !url.startsWith("https://")) {
    throw new Error('config.json: "signIn" needs "url" (https) and "clientId".');
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

export async function loadConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`config.json: the server answered ${answer.status}.`);
  return parseConfig(await answer.json());
}
