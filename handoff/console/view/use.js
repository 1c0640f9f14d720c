// Small hooks that several views share.
import { useEffect, useLayoutEffect, useState } from "../vendor.js";

/** Draw again whenever the model changes: from the first drawing on, for an answer may come before the frame is painted. @param {import("../desk.js").Desk} desk */
export function useDesk(desk) {
  const [, draw] = useState(0);
  useLayoutEffect(() => desk.listen(() => draw((count) => count + 1)), [desk]);
}

/** The server's time, once a second. @param {import("../desk.js").Desk} desk */
export function useNow(desk) {
  const [now, setNow] = useState(() => desk.now());
  useEffect(() => {
    const ticking = setInterval(() => setNow(desk.now()), 1_000);
    return () => clearInterval(ticking);
  }, [desk]);
  return now;
}
