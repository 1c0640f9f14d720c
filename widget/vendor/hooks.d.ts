// What the widget uses of preact/hooks, as far as it uses it.
export function useState<T>(initial: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
export function useMemo<T>(make: () => T, inputs?: unknown[]): T;
export function useCallback<F>(call: F, inputs?: unknown[]): F;
export function useRef<T>(initial: T): { current: T };
