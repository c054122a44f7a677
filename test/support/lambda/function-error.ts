/** An invocation that did not end well, in the words that Lambda has for it. */
export class FunctionError extends Error {
  /** What the handler threw by its name, or Lambda's own: `Sandbox.Timedout`, `Runtime.ExitError`. */
  readonly type: string;

  constructor(type: string, message: string) {
    super(`${type}: ${message}`);
    this.name = 'FunctionError';
    this.type = type;
  }
}
