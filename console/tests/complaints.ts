import type { Page } from "@playwright/test";

const REFUSED = "Refused by the Content-Security-Policy";

/** Note down what a browser complains about on a page: errors, and whatever the page's policy does not allow. */
export async function listen(page: Page, complaints: string[] = []): Promise<string[]> {
  await page.addInitScript((refused) => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber, sample } = event;
      const where = `${sourceFile}:${String(lineNumber)}`;
      console.error(`${refused}: ${effectiveDirective} ${blockedURI} ${where} ${sample}`);
    });
  }, REFUSED);
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const network = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !network) complaints.push(message.text());
  });
  return complaints;
}

/** Give what was refused by the policy, and what else was said of it, and take it out of the complaints. */
export function takeRefused(complaints: string[]): string[] {
  return complaints.splice(0).filter((said) => said.startsWith(REFUSED));
}
