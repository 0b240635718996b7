/** Colours for up to ten types, told apart by most eyes, light enough to stand out on dark photos. */
const COLOURS = [
  "#4f9dff",
  "#ffb000",
  "#2fd08a",
  "#ff5d8f",
  "#b58cff",
  "#ff7a3d",
  "#34d6e0",
  "#d6e04a",
  "#f78bff",
  "#c9b299",
] as const;

export function colourOf(label: string, labels: readonly string[]): string {
  const place = labels.indexOf(label);
  return COLOURS[(place < 0 ? COLOURS.length - 1 : place) % COLOURS.length] ?? COLOURS[0];
}
