/** What of a job has been uploaded by this browser, kept over reloads. */
export interface Ledger {
  load(jobId: string): Promise<Map<string, Fingerprint>>;
  record(jobId: string, name: string, file: Fingerprint): Promise<void>;
  forget(jobId: string): Promise<void>;
}

/** By what a file that is dropped again is known. */
export interface Fingerprint {
  readonly size: number;
  readonly lastModified: number;
}

interface Row extends Fingerprint {
  readonly jobId: string;
  readonly name: string;
}

const STORE = "uploads";

/** A ledger in IndexedDB. */
export class IndexedLedger implements Ledger {
  private database: Promise<IDBDatabase> | null = null;

  constructor(private readonly factory: IDBFactory) {}

  async load(jobId: string): Promise<Map<string, Fingerprint>> {
    const rows = await this.use<Row[]>(
      "readonly",
      (store) => store.getAll(rangeOf(jobId)) as IDBRequest<Row[]>,
    );
    return new Map(rows.map(({ name, size, lastModified }) => [name, { size, lastModified }]));
  }

  async record(jobId: string, name: string, file: Fingerprint): Promise<void> {
    const row: Row = { jobId, name, size: file.size, lastModified: file.lastModified };
    await this.use("readwrite", (store) => store.put(row));
  }

  async forget(jobId: string): Promise<void> {
    await this.use("readwrite", (store) => store.delete(rangeOf(jobId)));
  }

  private async use<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    this.database ??= this.open();
    const database = await this.database;
    return settled(ask(database.transaction(STORE, mode).objectStore(STORE)));
  }

  private open(): Promise<IDBDatabase> {
    const opening = this.factory.open("ekyc-console", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: ["jobId", "name"] });
    return settled(opening);
  }
}

function rangeOf(jobId: string): IDBKeyRange {
  // An array is greater than any text, so this ends after the last name.
  return IDBKeyRange.bound([jobId, ""], [jobId, []]);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed."));
  });
}
