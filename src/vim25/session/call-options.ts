// What goes with every call down to the wire: who may stop it, who wants to know of it, and whose it is.

/** One SOAP call as it went: for the trace header, the log, the metrics. */
export interface CallRecord {
  readonly method: string
  /** When it was sent, in milliseconds since 1970. */
  readonly sentAt: number
  /** From its sending on; what it waited for its turn is not in it. */
  readonly ms: number
  /** Bytes of the reply's text. */
  readonly bytes: number
  readonly outcome: CallOutcome
  /** Which try of its read it was; 1 is the first. */
  readonly attempt: number
}

/** `fault` is vSphere's own answer, `failed` none or one that makes no sense, `aborted` one that nobody waited for. */
export type CallOutcome = 'success' | 'fault' | 'failed' | 'aborted'

/** One who asks, such as a GraphQL request, told from others by being another object. */
export interface Caller {
  /** Whether its reads are served before those of others: those of a mutation are. */
  isHighPriority: boolean
}

export interface CallOptions {
  /** Stops reads and waits. Do not pass it to a call that changes something: it must run to its reply. */
  readonly signal?: AbortSignal | undefined
  /** Told of each call. A retrieval that several share is told to each of them. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
  /** Reads of one caller that have to wait stand in one line. */
  readonly caller?: Caller | undefined
  /** Its retrievals are shared only with those of the same moment: what is read because something changed must show it. */
  readonly epoch?: number | undefined
  /** Told of each piece of an answer before it is read; throws to read no more of it. */
  readonly onBytes?: ((bytes: number) => void) | undefined
  /** Told of each object that was not known before, as it arrives; throws to take no more. */
  readonly onObject?: (() => void) | undefined
  /** Whether a retrieval is sent in any case: one that is under way may have been answered before what must be seen. */
  readonly noSharing?: boolean | undefined
  /** Overrides the transport's time for one exchange; long polls need it. */
  readonly timeoutMs?: number | undefined
  /** Which try it is, when it is not the first. */
  readonly attempt?: number | undefined
}
