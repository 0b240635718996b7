import type { Identity } from "../api/http";

const KEY = "console.worker";
const NAME = /^[A-Za-z0-9._@-]{1,64}$/;

/** Whether the API takes such a name in X-Worker. */
export function isWorkerName(name: string): boolean {
  return NAME.test(name);
}

/** The name that a person gave themselves where there is no sign-in. */
export class WorkerName {
  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">) {}

  get(): string | null {
    const name = this.storage.getItem(KEY);
    return name !== null && isWorkerName(name) ? name : null;
  }

  set(name: string): void {
    if (name === "") this.storage.removeItem(KEY);
    else if (isWorkerName(name)) this.storage.setItem(KEY, name);
  }
}

/** Where nobody signs in: at most a name. */
export function namedIdentity(worker: WorkerName): Identity {
  return {
    headers: () => {
      const name = worker.get();
      return Promise.resolve<Record<string, string>>(name === null ? {} : { "X-Worker": name });
    },
    renew: () => Promise.resolve(false),
  };
}
