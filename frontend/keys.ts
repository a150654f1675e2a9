/** `/` goes to the search, `n` to the paste box; never while somebody is typing. */
const PLACES: Record<string, string> = { "/": "#q", n: "#links" };

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select, .video-js")) return;
    const place = document.querySelector<HTMLElement>(PLACES[event.key] ?? "[data-none]");
    if (!place) return;
    event.preventDefault();
    place.focus();
  });
}
