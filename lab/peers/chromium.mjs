// A page in Debian's Chromium as one side of a cell.
import { startBrowser } from "../../tests/browser/harness/browser.mjs";
import { sit } from "./page_side.mjs";

await sit(startBrowser);
