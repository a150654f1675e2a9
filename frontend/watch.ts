import "./no-dynamic-style";
import videojs from "video.js/core";
import "video.js/dist/video-js.css";
import "./watch.css";

const element = document.querySelector<HTMLVideoElement>("#player");
if (element) start(element);

function start(media: HTMLVideoElement): void {
  const sound = media.dataset.sound !== undefined;
  const player = videojs(media, {
    audioPosterMode: sound,
    controlBar: { skipButtons: { backward: 10, forward: 10 } },
    fluid: false,
    fill: true,
    playbackRates: [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3],
    userActions: { hotkeys: true },
  });
  // Chapters and times in the description are links; with a player on the page they seek.
  document.addEventListener("click", (event) => {
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>("a[data-seek]");
    if (!link) return;
    event.preventDefault();
    player.currentTime(Number(link.dataset.seek));
    void player.play()?.catch(() => undefined); // the browser may want a click on the player first
    player.el().scrollIntoView({ block: "nearest" });
  });
}
