// A page in Debian's Firefox as one side of a cell.
import { startFirefox } from "../../tests/browser/harness/firefox.mjs";
import { sit } from "./page_side.mjs";

await sit(startFirefox);
