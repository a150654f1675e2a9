/**
 * The page's one poll. It asks for what changed since the last answer and puts each fragment in its place:
 * an element replaces the one with its id, or begins the list that its `data-list` names.
 * Every second while something runs, less often in a hidden tab, not at all when nothing does.
 */
const EVERY = 1000;
const EVERY_HIDDEN = 15_000;
const AFTER_A_FAULT = 5000;

let timer: number | undefined;
let asking = false;

export function startLive(): void {
  const page = document.querySelector<HTMLElement>("[data-live]");
  if (!page) return;
  const ask = () => void poll(page);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  document.addEventListener("downloads-changed", ask); // sent by an answer's HX-Trigger
  if (page.dataset.active) plan(page, EVERY);
}

function plan(page: HTMLElement, after: number): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void poll(page), document.hidden ? EVERY_HIDDEN : after);
}

async function poll(page: HTMLElement): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const address = `${page.dataset.live}&since=${encodeURIComponent(page.dataset.since ?? "")}`;
    const answer = await fetch(address, { redirect: "manual", headers: { "HX-Request": "true" } });
    if (answer.headers.get("HX-Refresh")) return location.reload(); // signed out meanwhile, or too much is new
    if (!answer.ok) return plan(page, AFTER_A_FAULT);
    page.dataset.since = answer.headers.get("Live-Since") ?? "";
    if (answer.status === 200) place(await answer.text());
    if (answer.headers.get("Live-Active")) plan(page, EVERY);
  } catch {
    plan(page, AFTER_A_FAULT); // the server restarts or the network is away
  } finally {
    asking = false;
  }
}

function place(html: string): void {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const fresh of [...body.children] as HTMLElement[]) {
    const old = document.getElementById(fresh.id);
    if (old?.dataset.reload && old.dataset.reload !== fresh.dataset.list) return location.reload();
    const list = fresh.dataset.list;
    if (old && (!list || old.dataset.list === list)) {
      keepFocus(old, fresh);
    } else if (list) {
      old?.remove();
      if (old || list !== "waiting") document.querySelector(`[data-list-of~="${list}"]`)?.prepend(fresh);
      if (old) announce(fresh.dataset.news);
    }
    window.htmx?.process(fresh);
  }
}

/** Swap, without taking the focus from the button or open details somebody is at. */
function keepFocus(old: HTMLElement, fresh: HTMLElement): void {
  const at = document.activeElement;
  const focused = old.contains(at) ? at?.getAttribute("data-act") : null;
  old.querySelectorAll("details").forEach((details, index) => {
    const same = fresh.querySelectorAll("details")[index];
    if (same) same.open = details.open;
  });
  old.replaceWith(fresh);
  if (focused) fresh.querySelector<HTMLElement>(`[data-act="${focused}"]`)?.focus();
}

function announce(news: string | undefined): void {
  const region = document.getElementById("announcements");
  if (region && news) region.textContent = news;
}

declare global {
  interface Window {
    htmx?: { process(element: Element): void };
  }
}
