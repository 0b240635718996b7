/** A file that somebody dropped or chose, and where it lay: `folder/a.jpg`. */
export interface Picked {
  readonly file: File;
  readonly path: string;
}

export function pickedFrom(files: Iterable<File>): Picked[] {
  return [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** All files of what was dropped, those in folders included, a handful at a time. */
export async function* filesOfDrop(transfer: DataTransfer): AsyncGenerator<Picked[]> {
  // The list is emptied as soon as the event is over, so the entries are taken out of it first.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) yield pickedFrom(transfer.files);
  for (const entry of entries) yield* filesOf(entry);
}

async function* filesOf(entry: FileSystemEntry): AsyncGenerator<Picked[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    yield [{ file, path }];
  } else if (entry.isDirectory) {
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      // A reader gives at most a hundred at once, and none when it is done.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (some.length === 0) break;
      for (const one of some) yield* filesOf(one);
    }
  }
}
