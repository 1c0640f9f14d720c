/** A failure in the words of the service: `{code, message, retry, ...facts}`. */
export class Trouble extends Error {
  /** @param {{code: string, message: string, retry?: boolean, [fact: string]: any}} error */
  constructor(error) {
    super(error.message);
    this.code = error.code;
    this.retry = error.retry ?? false;
    /** @type {Record<string, any>} */
    this.facts = error;
  }
}
