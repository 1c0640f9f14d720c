// Small hooks that several views share.
import { useEffect, useState } from "../vendor.js";

/** Draw again whenever the model changes. @param {import("../desk.js").Desk} desk */
export function useDesk(desk) {
  const [, draw] = useState(0);
  useEffect(() => desk.listen(() => draw((count) => count + 1)), [desk]);
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
