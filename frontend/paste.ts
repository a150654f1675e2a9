/** The paste box: grows with its lines; Enter sends, Shift+Enter begins a new line. */
export function startPaste(): void {
  const box = document.querySelector<HTMLTextAreaElement>("#links");
  if (!box?.form) return;
  const fit = () => {
    box.rows = Math.min(10, Math.max(1, box.value.split("\n").length));
  };
  box.addEventListener("input", fit);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (box.value.trim()) box.form?.requestSubmit();
  });
  box.form.addEventListener("submit", (event) => {
    if (event.submitter instanceof HTMLButtonElement) event.submitter.ariaBusy = "true";
  });
  fit();
}
