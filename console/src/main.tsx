import { render } from "preact";
import { labellingApi } from "./api/labelling";
import { makeSend } from "./api/http";
import { trainingApi } from "./api/training";
import type { App } from "./app-context";
import { WorkerName, namedIdentity } from "./auth/identity";
import { Session } from "./auth/session";
import { loadConfig } from "./config";
import { explain } from "./api/errors";
import { Page } from "./page";
import { Notice } from "./ui/notice";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/jobs.css";
import "./styles/job.css";
import "./styles/new-job.css";
import "./styles/upload.css";

const root = document.getElementById("app") as HTMLElement;

start().catch((error: unknown) => {
  render(
    <main>
      <Notice kind="bad">The page cannot start. {explain(error)}</Notice>
    </main>,
    root,
  );
});

async function start(): Promise<void> {
  const config = await loadConfig();
  if (config.auth === "iam") {
    throw new Error(
      "This deployment takes requests signed by AWS credentials only, which a browser has not. Use the command line (ekyc), or deploy it with the sign-in cognito.",
    );
  }
  const worker = new WorkerName(localStorage);
  let session: Session | null = null;
  if (config.auth === "cognito" && config.signIn !== null) {
    session = new Session(config.signIn, {
      storage: sessionStorage,
      fetch: (...given) => fetch(...given),
      now: () => Date.now(),
      origin: location.origin,
      go: (url) => location.assign(url),
    });
    const back = await session.complete(location.search);
    if (back !== null) history.replaceState(null, "", `/${back}`);
    if (!session.signedIn) {
      await session.signIn(location.hash);
      return;
    }
  }
  const ended = new EventTarget();
  const send = makeSend(session ?? namedIdentity(worker), () => ended.dispatchEvent(new Event("ended")));
  const app: App = { config, worker, session, training: trainingApi(send), labelling: labellingApi(send) };
  render(<Page app={app} sessionEnded={ended} />, root);
}
