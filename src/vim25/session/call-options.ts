// The options of a SOAP call (abort signal, caller, observers, timeout) and the record of a finished call.

/** A finished SOAP call, for the trace header, the log and the metrics. */
export interface CallRecord {
  readonly method: string
  /** Time at which it was sent, in milliseconds since 1970. */
  readonly sentAt: number
  /** Duration since it was sent, in milliseconds, without the time in the queue. */
  readonly ms: number
  /** Size of the decompressed reply, in bytes. */
  readonly bytes: number
  readonly outcome: CallOutcome
  /** The attempt number of a retried read; 1 is the first. */
  readonly attempt: number
}

/**
 * - `fault`: vSphere returned a fault.
 * - `failed`: there was no response, or an invalid one.
 * - `aborted`: the call failed after its signal was aborted.
 */
export type CallOutcome = 'success' | 'fault' | 'failed' | 'aborted'

/** The origin of calls, such as a GraphQL request. Callers are distinguished by object identity. */
interface Caller {
  /** Whether its reads precede those of other callers. True for mutations. */
  isHighPriority: boolean
}

export interface CallOptions {
  /** Aborts reads and waits. Do not pass it to a write call, which must run until its reply arrives. */
  readonly signal?: AbortSignal | undefined
  /** Called after each SOAP call. The calls of a shared retrieval are reported to each of its subscribers. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
  /** Queued reads of one caller share one queue. */
  readonly caller?: Caller | undefined
  /** Run reads only while the vCenter's read queue is mostly free, so that they delay no other read; otherwise they fail. */
  readonly onlyIfIdle?: boolean | undefined
  /** Retrievals are only shared within the same epoch: a read that follows a change must include that change. */
  readonly epoch?: number | undefined
  /** Called with the size of each chunk of a response before it is decoded. Throw to stop reading. */
  readonly onBytes?: ((bytes: number) => void) | undefined
  /** Called with the estimated size of a retrieval before it is sent. Throw to reject it. */
  readonly onEstimate?: ((bytes: number) => void) | undefined
  /** Called for each newly loaded object as it arrives. Throw to stop reading. */
  readonly onObject?: (() => void) | undefined
  /** Called before each history collector is created. Throw to reject it. */
  readonly onCollector?: (() => void) | undefined
  /** Never join a retrieval in flight: its response may be older than the change that the caller must see. */
  readonly noSharing?: boolean | undefined
  /** Overrides the transport's timeout of one exchange, which long polls need. */
  readonly timeoutMs?: number | undefined
  /** The attempt number of a retried read. @default 1 */
  readonly attempt?: number | undefined
}
