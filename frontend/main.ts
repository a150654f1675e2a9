import "./main.css";
import { startLive } from "./live";
import { startKeys } from "./keys";
import { startMenus } from "./menus";
import { startPaste } from "./paste";

startPaste();
startMenus();
startKeys();
startLive();
