import { useEffect, useRef, useState } from "preact/hooks";
import type { Session } from "../auth/session";

interface SessionEndedProps {
  /** Fires `ended` when the API no longer accepts the person. */
  readonly events: EventTarget;
  readonly session: Session | null;
}

/** Sends a person whose session has ended to the sign-in page, when they are ready, and back to where they were. */
export function SessionEnded({ events, session }: SessionEndedProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    const tell = () => setEnded(true);
    events.addEventListener("ended", tell);
    return () => events.removeEventListener("ended", tell);
  }, [events]);
  useEffect(() => {
    if (ended && dialog.current?.open === false) dialog.current.showModal();
  }, [ended]);
  if (!ended) return null;
  return (
    <dialog ref={dialog} aria-labelledby="session-title" onCancel={(event) => event.preventDefault()}>
      <h2 id="session-title">Your session has ended</h2>
      {session === null ? (
        <p>The API asks for a sign-in that this page was not told of. Tell whoever runs this deployment.</p>
      ) : (
        <>
          <p>Sign in again to go on where you are. What you drew and what was uploaded is kept.</p>
          <div class="actions">
            <button type="button" class="button primary" onClick={() => void session.signIn(location.hash)}>
              Sign in
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
