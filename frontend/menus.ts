/** Menus are <details>: close them when something else is clicked, when one of their links is followed, or by Escape. */
export function startMenus(): void {
  const open = () => document.querySelectorAll<HTMLDetailsElement>("details.dropdown[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}
