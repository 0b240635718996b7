import { createHash, randomBytes } from "node:crypto";
import { type Asked, type Reply, serve } from "./server";

/** Somebody who may sign in. */
export interface Account {
  readonly username: string;
  readonly email: string;
  readonly groups: readonly string[];
}

interface Code {
  readonly account: Account;
  readonly challenge: string;
  readonly redirectUri: string;
}

const CLIENT = "page";
const COOKIE = "cognito";

/**
 * A hosted sign-in on this machine that does what Cognito documents of its own.
 *
 * authorization-endpoint, login-endpoint, token-endpoint, logout-endpoint: redirect URIs are those that were
 * registered, a code is good once and with its verifier alone, a refresh brings no other refresh token, and
 * whoever has signed in is known again until they sign out. Passwords are asked for and not looked at.
 */
export class FakeSignIn {
  url = "";
  /** Where the page is, which alone people are sent back to. */
  page = "";
  /** Access tokens that the API takes; taken out of here, they have expired. */
  readonly accepted = new Map<string, Account>();
  readonly refusals: string[] = [];
  private readonly codes = new Map<string, Code>();
  private readonly refreshable = new Map<string, Account>();
  private readonly sessions = new Map<string, Account>();
  private close: () => Promise<void> = () => Promise.resolve();

  constructor(readonly accounts: readonly Account[]) {}

  async start(page: string): Promise<void> {
    const server = await serve((asked) => this.answer(asked));
    this.url = server.url;
    this.page = page;
    this.close = server.close;
  }

  async stop(): Promise<void> {
    await this.close();
  }

  /** What /config.json says of it. */
  get config() {
    return {
      url: this.url,
      clientId: CLIENT,
      scopes: ["ekyc-api/read", "ekyc-api/write", "email", "openid"],
    };
  }

  /** Let everybody's tokens expire; with `refreshTokens`, what would bring new ones, too. */
  expire({ refreshTokens = false } = {}): void {
    this.accepted.clear();
    if (refreshTokens) this.refreshable.clear();
  }

  private answer(asked: Asked): Reply {
    switch (`${asked.method} ${asked.path}`) {
      case "GET /oauth2/authorize":
        return this.authorize(asked);
      case "GET /login":
        return html(loginPage(asked.query));
      case "POST /login":
        return this.login(asked);
      case "POST /oauth2/token":
        return { ...this.token(asked), headers: { "access-control-allow-origin": "*" } };
      case "GET /logout":
        return this.logout(asked);
      default:
        return { status: 404, json: { error: "not_found" } };
    }
  }

  private authorize({ query, headers }: Asked): Reply {
    if (query.get("client_id") !== CLIENT) return this.refuse("unauthorized_client");
    if (query.get("redirect_uri") !== `${this.page}/`) return this.refuse("redirect_mismatch");
    const wanted = (query.get("scope") ?? "").split(" ");
    if (!wanted.every((scope) => this.config.scopes.includes(scope))) return this.refuse("invalid_scope");
    if (query.get("response_type") !== "code" || query.get("code_challenge_method") !== "S256") {
      return this.refuse("invalid_request");
    }
    const known = this.sessions.get(cookieOf(headers.cookie));
    if (known !== undefined) return this.sendBack(known, query);
    return redirect(`/login?${query.toString()}`);
  }

  private login({ body }: Asked): Reply {
    const form = new URLSearchParams(body.toString());
    const account = this.accounts.find(({ username }) => username === form.get("username"));
    if (account === undefined || !form.get("password")) {
      return html(loginPage(form, "Incorrect username or password."));
    }
    const session = randomBytes(16).toString("hex");
    this.sessions.set(session, account);
    const back = this.sendBack(account, form);
    return { ...back, headers: { ...back.headers, "set-cookie": `${COOKIE}=${session}; Path=/; HttpOnly` } };
  }

  private sendBack(account: Account, asked: URLSearchParams): Reply {
    const code = randomBytes(16).toString("hex");
    const redirectUri = asked.get("redirect_uri") ?? "";
    this.codes.set(code, { account, redirectUri, challenge: asked.get("code_challenge") ?? "" });
    const answer = new URLSearchParams({ code, state: asked.get("state") ?? "" });
    return redirect(`${redirectUri}?${answer.toString()}`);
  }

  private token({ body, headers }: Asked): Reply {
    const form = new URLSearchParams(body.toString());
    const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
    if (!isForm || form.get("client_id") !== CLIENT) return this.refuse("invalid_client");
    if (form.get("grant_type") === "refresh_token") {
      const account = this.refreshable.get(form.get("refresh_token") ?? "");
      if (account === undefined) return this.refuse("invalid_grant");
      return { status: 200, json: this.tokens(account) };
    }
    const code = this.codes.get(form.get("code") ?? "");
    this.codes.delete(form.get("code") ?? "");
    const digest = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (code?.challenge !== digest || form.get("redirect_uri") !== code.redirectUri) {
      return this.refuse("invalid_grant");
    }
    const refresh = randomBytes(16).toString("hex");
    this.refreshable.set(refresh, code.account);
    return { status: 200, json: { ...this.tokens(code.account), refresh_token: refresh } };
  }

  private tokens(account: Account) {
    const common = { sub: account.username, iss: this.url, jti: randomBytes(8).toString("hex") };
    const groups = account.groups.length > 0 ? { "cognito:groups": account.groups } : {};
    const access = token({
      ...common,
      ...groups,
      token_use: "access",
      client_id: CLIENT,
      username: account.username,
    });
    const { email, username } = account;
    const id = token({ ...common, ...groups, token_use: "id", email, "cognito:username": username });
    this.accepted.set(access, account);
    return { access_token: access, id_token: id, token_type: "Bearer", expires_in: 3600 };
  }

  private logout({ query, headers }: Asked): Reply {
    if (query.get("client_id") !== CLIENT || query.get("logout_uri") !== `${this.page}/`) {
      return this.refuse("redirect_mismatch");
    }
    this.sessions.delete(cookieOf(headers.cookie));
    return redirect(`${this.page}/`);
  }

  private refuse(error: string): Reply {
    this.refusals.push(error);
    return { status: 400, json: { error } };
  }
}

function token(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", kid: "1" })}.${part(claims)}.signature`;
}

function cookieOf(header: string | undefined): string {
  return new RegExp(`${COOKIE}=([0-9a-f]+)`).exec(header ?? "")?.[1] ?? "";
}

function redirect(location: string): Reply {
  return { status: 302, headers: { location } };
}

function html(text: string): Reply {
  return { status: 200, bytes: Buffer.from(text), type: "text/html; charset=utf-8" };
}

function loginPage(asked: URLSearchParams, fault = ""): string {
  const hidden = ["client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method"]
    .map((name) => `<input type="hidden" name="${name}" value="${asked.get(name) ?? ""}">`)
    .join("");
  return `<!doctype html><title>Sign in</title><p role="alert">${fault}</p>
    <form method="post" action="/login">${hidden}
    <label>Username <input name="username"></label>
    <label>Password <input name="password" type="password"></label>
    <button>Sign in</button></form>`;
}
