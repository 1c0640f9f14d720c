// The one place that knows where the vendored modules lie: they are the widget's, served by the same service.
import { h, render } from "/widget/vendor/preact.js";
import htm from "/widget/vendor/htm.js";

export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "/widget/vendor/hooks.js";
export { io } from "/widget/vendor/socket.io.js";
export { render };
export const html = htm.bind(h);
