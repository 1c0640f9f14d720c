import type { View } from "./preact.js";

declare const htm: { bind(h: unknown): (parts: TemplateStringsArray, ...values: unknown[]) => View };
export default htm;
