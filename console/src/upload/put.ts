import { Unreachable } from "../api/errors";

/** S3 refused what was put. */
export class PutRefused extends Error {
  override readonly name = "PutRefused";
  readonly status: number;

  constructor(status: number) {
    super(`The storage refused the file (${status}).`);
    this.status = status;
  }
}

/** Put a file to a pre-signed URL, telling how many bytes have gone; fetch does not tell that. */
export function putFile(
  url: string,
  file: Blob,
  sent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const end = (settle: () => void) => {
      signal.removeEventListener("abort", stop);
      settle();
    };
    request.upload.onprogress = (event) => sent(event.loaded);
    request.onload = () =>
      end(() => (request.status < 300 ? resolve() : reject(new PutRefused(request.status))));
    request.onerror = () => end(() => reject(new Unreachable()));
    request.onabort = () => end(() => reject(new DOMException("Stopped", "AbortError")));
    signal.addEventListener("abort", stop);
    request.open("PUT", url);
    request.send(file);
  });
}
