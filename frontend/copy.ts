/** Buttons that copy a field: `data-copy` is its selector. Hidden where there is no script. */
const SHOWN = 2500; // milliseconds

export function startCopy(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const field = document.querySelector<HTMLInputElement>(button.dataset.copy ?? "");
    const words = button.querySelector<HTMLElement>("[data-copied]");
    if (!field || !words) continue;
    button.hidden = false;
    button.addEventListener("click", () => void copy(field).then((done) => say(words, done)));
    field.addEventListener("focus", () => field.select());
  }
}

async function copy(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus(); // browsers lend the clipboard to https alone
    field.select();
    return document.execCommand("copy");
  }
}

function say(words: HTMLElement, done: boolean): void {
  const before = words.textContent;
  const after = done ? (words.dataset.copied ?? "") : "Press Ctrl+C";
  if (before === after) return;
  words.textContent = after;
  const region = document.getElementById("announcements");
  if (region) region.textContent = after;
  window.setTimeout(() => (words.textContent = before), SHOWN);
}
