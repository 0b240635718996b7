import { Unreachable } from "../api/errors";
import type { Identity } from "../api/http";
import type { SignInConfig } from "../config";
import { makePkce, randomText } from "./pkce";

const TOKENS = "console.tokens";
const PENDING = "console.sign-in";
const EARLY_MS = 60_000;

interface Tokens {
  readonly access: string;
  readonly refresh: string | null;
  readonly expiresAt: number;
}

interface Pending {
  readonly state: string;
  readonly verifier: string;
  /** The part of the page that the person was on. */
  readonly hash: string;
}

/** What the session needs of the browser. */
export interface Browser {
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly origin: string;
  readonly go: (url: string) => void;
}

/**
 * A person's session by Cognito's hosted sign-in: authorization code with PKCE, no client secret.
 *
 * Tokens live in sessionStorage: they outlast a reload and end with the tab.
 */
export class Session implements Identity {
  private refreshing: Promise<boolean> | null = null;

  constructor(
    private readonly config: SignInConfig,
    private readonly browser: Browser,
  ) {}

  /** Whether there are tokens that the API may still accept, or that can be renewed. */
  get signedIn(): boolean {
    const tokens = this.tokens();
    return tokens !== null && (tokens.refresh !== null || tokens.expiresAt > this.browser.now());
  }

  /** The user name, as it stands beside the person's answers; the API checks the token, and we do not. */
  get person(): string | null {
    return claimOf(this.tokens()?.access, "username");
  }

  async headers(): Promise<Record<string, string>> {
    const tokens = this.tokens();
    if (tokens !== null && tokens.expiresAt - EARLY_MS < this.browser.now()) await this.refreshed();
    return this.current();
  }

  /** Get fresh tokens without the person, unless another request has done so since these were refused. */
  renew(refused: Record<string, string>): Promise<boolean> {
    const now = this.current()["Authorization"];
    if (now !== undefined && now !== refused["Authorization"]) return Promise.resolve(true);
    return this.refreshed();
  }

  /** Send the person to the sign-in page, to come back to this part of the page. */
  async signIn(hash: string): Promise<void> {
    const { verifier, challenge } = await makePkce();
    const pending: Pending = { state: randomText(24), verifier, hash };
    this.browser.storage.setItem(PENDING, JSON.stringify(pending));
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.config.clientId,
      redirect_uri: this.redirectUri,
      scope: this.config.scopes.join(" "),
      state: pending.state,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    this.browser.go(`${this.config.url}/oauth2/authorize?${query.toString()}`);
  }

  /**
   * Finish a sign-in that came back with a code.
   *
   * Gives the part of the page to go back to, or null when the address holds no answer of ours.
   */
  async complete(search: string): Promise<string | null> {
    const answer = new URLSearchParams(search);
    const raw = this.browser.storage.getItem(PENDING);
    if (raw === null || !(answer.has("code") || answer.has("error"))) return null;
    const pending = JSON.parse(raw) as Pending;
    if (answer.get("state") !== pending.state) return null;
    this.browser.storage.removeItem(PENDING);
    const code = answer.get("code");
    if (code === null) {
      throw new Error(`Signing in failed: ${answer.get("error_description") ?? answer.get("error") ?? ""}`);
    }
    const form = { code, code_verifier: pending.verifier, redirect_uri: this.redirectUri };
    if (!(await this.exchange("authorization_code", form))) {
      throw new Error("Signing in failed: the code was refused. Sign in again.");
    }
    return pending.hash;
  }

  signOut(): void {
    this.browser.storage.removeItem(TOKENS);
    const query = new URLSearchParams({ client_id: this.config.clientId, logout_uri: this.redirectUri });
    this.browser.go(`${this.config.url}/logout?${query.toString()}`);
  }

  private get redirectUri(): string {
    return `${this.browser.origin}/`;
  }

  private tokens(): Tokens | null {
    const raw = this.browser.storage.getItem(TOKENS);
    return raw === null ? null : (JSON.parse(raw) as Tokens);
  }

  private current(): Record<string, string> {
    const access = this.tokens()?.access;
    return access === undefined ? {} : { Authorization: `Bearer ${access}` };
  }

  /** Several requests that ask at once wait for one answer. */
  private refreshed(): Promise<boolean> {
    this.refreshing ??= this.refresh().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  private async refresh(): Promise<boolean> {
    const refresh = this.tokens()?.refresh ?? null;
    if (refresh === null) return false;
    return this.exchange("refresh_token", { refresh_token: refresh });
  }

  private async exchange(grant: string, form: Record<string, string>): Promise<boolean> {
    const answer = await this.post(
      new URLSearchParams({ grant_type: grant, client_id: this.config.clientId, ...form }),
    );
    if (!answer.ok) return false;
    const told = (await answer.json()) as {
      access_token: string;
      refresh_token?: string;
      expires_in: number;
    };
    const tokens: Tokens = {
      access: told.access_token,
      // A refresh does not bring another refresh token.
      refresh: told.refresh_token ?? form["refresh_token"] ?? null,
      expiresAt: this.browser.now() + told.expires_in * 1000,
    };
    this.browser.storage.setItem(TOKENS, JSON.stringify(tokens));
    return true;
  }

  private async post(body: URLSearchParams): Promise<Response> {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    try {
      return await this.browser.fetch(`${this.config.url}/oauth2/token`, { method: "POST", headers, body });
    } catch {
      throw new Unreachable();
    }
  }
}

/** What a token (RFC 7519) says under a name, or null when it says nothing there. */
function claimOf(token: string | undefined, name: string): string | null {
  const payload = token?.split(".")[1];
  if (payload === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const value = claims[name];
    return typeof value === "string" && value !== "" ? value : null;
  } catch {
    return null;
  }
}
