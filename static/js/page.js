// What every page loads: one behaviour a module, none of them needed to read the page or to act on it.
import "./morph.js";
import "./live.js";
import "./ages.js";
import "./loading.js";
import "./places.js";
import "./queue-order.js";
import "./queue-keys.js";
import "./incident-keys.js";
import "./dialogs.js";
import "./busy.js";
import "./frame.js";
import "./holding.js";
