// The page's behaviour: one concept per file, everything works without it.
import "./vendor/relative-time-element/relative-time-element.js";
import "./vendor/clipboard-copy-element/clipboard-copy-element.js";
import "./js/copy.js";
import "./js/dialog.js";
import "./js/focus.js";
import "./js/hotkeys.js";
import "./js/list.js";
import "./js/bulk.js";
import "./js/menu.js";
import "./js/palette.js";
import "./js/polling.js";
import "./js/print.js";
import "./js/redirected.js";
import "./js/secret.js";
import "./js/sidebar.js";
import "./js/submit-once.js";
