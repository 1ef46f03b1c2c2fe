// Page behaviours. Everything here improves a page that already works without it.
import { startConfirm } from "./behaviours/confirm";
import { startCopy } from "./behaviours/copy";
import { startDismiss } from "./behaviours/dismiss";
import { startFilters } from "./behaviours/filters";
import { startFocus } from "./behaviours/focus";
import { startMenus } from "./behaviours/menus";
import { startPrint } from "./behaviours/print";
import { startDays } from "./timeline";

startMenus();
startDismiss();
startConfirm();
startCopy();
startFilters();
startFocus();
startPrint();
startDays();
