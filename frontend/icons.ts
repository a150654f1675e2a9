/** Names of the Lucide icons the pages use; the build makes one file of them. */
export const ICONS = [
  "audio-lines", "captions", "ban", "check", "chevron-down", "circle-alert", "circle-check", "clock", "copy", "download",
  "external-link", "eye", "eye-off", "film", "headphones", "info", "library", "link", "list-video", "log-out", "moon",
  "music", "pencil", "play", "plus", "podcast", "rotate-cw", "search", "stethoscope", "sun", "sun-moon", "tag", "trash-2", "user", "x",
] as const;
