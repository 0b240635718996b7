import { useState } from "preact/hooks";
import type { App } from "../app-context";
import { isWorkerName } from "../auth/identity";
import { Confirm } from "./dialog";

/** Who is at work: the signed-in person, or the name that one may give oneself. */
export function Person({ app }: { readonly app: App }) {
  const { session, config } = app;
  if (session !== null) {
    return (
      <div class="who">
        <span class="quiet wrap-anywhere">{session.person}</span>
        <button type="button" class="button small plain" onClick={() => session.signOut()}>
          Sign out
        </button>
      </div>
    );
  }
  return config.workersHeader ? <Name app={app} /> : null;
}

function Name({ app }: { readonly app: App }) {
  const [name, setName] = useState(app.worker.get() ?? "");
  const [typed, setTyped] = useState<string | null>(null);
  const save = () => {
    const wanted = (typed ?? "").trim();
    if (wanted !== "" && !isWorkerName(wanted)) {
      return Promise.reject(new Error("Use letters, digits and . _ @ - only, 64 at most."));
    }
    app.worker.set(wanted);
    setName(wanted);
    return Promise.resolve();
  };
  return (
    <div class="who">
      <button type="button" class="button small plain" onClick={() => setTyped(name)}>
        {name === "" ? "Who are you?" : name}
      </button>
      {typed !== null && (
        <Confirm title="Your name" action="Save" onConfirm={save} onClose={() => setTyped(null)}>
          <p class="quiet">It stands beside the boxes that you draw. Nobody has to sign in here.</p>
          <div class="field">
            <label for="worker">Name</label>
            <input
              id="worker"
              type="text"
              maxLength={64}
              autocomplete="nickname"
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </div>
        </Confirm>
      )}
    </div>
  );
}
