import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading, Notice } from "./notice";

/** A page that is loaded when somebody goes there. */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>) {
  let loaded: FunctionComponent<P> | null = null;
  return function Later(props: P) {
    const [Loaded, setLoaded] = useState(() => loaded);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (component) => {
          loaded = component;
          setLoaded(() => component);
        },
        () => setFailed(true),
      );
    }, []);
    if (failed)
      return <Notice kind="bad">This part of the page could not be loaded. Reload the page.</Notice>;
    return Loaded === null ? <Loading /> : <Loaded {...props} />;
  };
}
