import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { LabellingApi } from "./api/labelling";
import type { TrainingApi } from "./api/training";
import type { WorkerName } from "./auth/identity";
import type { Session } from "./auth/session";
import type { Config } from "./config";

/** What all parts of the page share. */
export interface App {
  readonly config: Config;
  readonly training: TrainingApi;
  readonly labelling: LabellingApi;
  readonly worker: WorkerName;
  /** Null where nobody signs in. */
  readonly session: Session | null;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("outside the page");
  return app;
}
