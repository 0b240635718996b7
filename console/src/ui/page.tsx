import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/** Name the browser's tab after the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Document models`;
  }, [title]);
}

interface HeadProps {
  readonly title: ComponentChildren;
  readonly facts?: ComponentChildren;
  readonly children?: ComponentChildren;
}

export function Head({ title, facts, children }: HeadProps) {
  return (
    <div class="head">
      <div>
        <h1>{title}</h1>
        {facts && <div class="facts">{facts}</div>}
      </div>
      {children && <div class="row">{children}</div>}
    </div>
  );
}
