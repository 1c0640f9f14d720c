// What the console uses of preact, htm and the socket.io client, as far as it uses it.
export type View = unknown;
export function html(parts: TemplateStringsArray, ...values: unknown[]): View;
export function render(view: View, parent: Element): void;
export function useState<T>(initial: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
export function useMemo<T>(make: () => T, inputs?: unknown[]): T;
export function useCallback<F>(call: F, inputs?: unknown[]): F;
export function useRef<T>(initial: T): { current: T };

export interface Socket {
  connected: boolean;
  on(event: string, heard: (data: any) => void): this;
  onAny(heard: (event: string, data: any) => void): this;
  timeout(ms: number): { emitWithAck(event: string, data: unknown): Promise<any> };
  connect(): this;
  disconnect(): this;
}
export function io(address: string, options: Record<string, unknown>): Socket;
