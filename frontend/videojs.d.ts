declare module "video.js/core" {
  import videojs from "video.js";
  export default videojs;
}
