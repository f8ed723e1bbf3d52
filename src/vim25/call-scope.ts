// What goes with every call down to the wire: who may stop it, and who wants to know of it.

/** One SOAP call as it went: for the trace header, the log, the metrics. */
export interface CallRecord {
  readonly method: string
  readonly ms: number
  /** Bytes of the reply's text. */
  readonly bytes: number
}

export interface CallScope {
  /** Stops reads and waits. Do not pass it to a call that changes something: it must run to its reply. */
  readonly signal?: AbortSignal | undefined
  readonly onCall?: ((record: CallRecord) => void) | undefined
  /** Told of each piece of an answer before it is read; throws to read no more of it. */
  readonly onBytes?: ((bytes: number) => void) | undefined
  /** Told of each object that was not known before, as it arrives; throws to take no more. */
  readonly onObject?: (() => void) | undefined
  /** Overrides the transport's time for one exchange; long polls need it. */
  readonly timeoutMs?: number | undefined
}
