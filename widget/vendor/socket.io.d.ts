// What the widget and the console use of the socket.io client, as far as they use it.
export interface Socket {
  connected: boolean;
  on(event: string, heard: (...args: any[]) => void): this;
  onAny(heard: (event: string, data: any) => void): this;
  emit(event: string, ...args: unknown[]): this;
  timeout(ms: number): { emitWithAck(event: string, data: unknown): Promise<any> };
  connect(): this;
  disconnect(): this;
  removeAllListeners(): this;
}
export function io(address: string, options: Record<string, unknown>): Socket;
