import "./main.css";
import { startLive } from "./live";
import { startCopy } from "./copy";
import { startKeys } from "./keys";
import { startMenus } from "./menus";
import { startPaste } from "./paste";

startCopy();
startPaste();
startMenus();
startKeys();
startLive();
