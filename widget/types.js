// @ts-check
/**
 * @typedef {{id: string, title: string}} Button
 * @typedef {{id: string, seq: number, client_id: string | null, author: "patient" | "bot" | "staff" | "service",
 *   name: string | null, text: string, buttons: Button[], pressed: string | null, at: string}} Message
 * @typedef {{state: string, version: number, last_seq: number, staff: {name: string} | null, ahead: number | null, can: string[],
 *   staffed?: boolean | null, texts_to?: string | null, passed?: number}} State
 * @typedef {{state: "queued" | "sent" | "delivered" | "failed" | "uncertain", reason: string | null}} Delivery
 * @typedef {{client_id: string, text: string, button: string | null, at: string, failed: string | null}} Pending
 * @typedef {{code: string, message: string, retry: boolean, retry_after?: number}} Failure
 * @typedef {{name: string, phone: string}} Clinic
 */
export {};
