// Keeps a subscription of a client alive: subscribes again after a restart of the gateway or a lost connection.

/** Receives the results of a subscription, as in graphql-sse. */
export interface SubscriptionSink<Result> {
  next(result: Result): void
  error(error: unknown): void
  complete(): void
}

interface ErrorLike {
  readonly message: string
  readonly extensions?: object | null
}

/** What `resubscribe` reads of a result of any client. */
export interface SubscriptionResult {
  readonly data?: unknown
  readonly errors?: readonly ErrorLike[]
}

export interface ResubscribeOptions {
  /**
   * Delay before the next attempt, in milliseconds.
   * @param attempt 1 for the first one after a result with data
   * @default 1 to 2 seconds, doubled by each attempt up to 16 to 32 seconds; random, so that the pages of all users do not return at once
   */
  readonly delayMs?: (attempt: number) => number
}

const defaultDelayMs = (attempt: number): number => 1000 * 2 ** Math.min(attempt - 1, 4) * (1 + Math.random())

/**
 * Subscribes, and again whenever the subscription ends with an error that is `retryable`, such as SHUTTING_DOWN, or the connection is
 * lost. Meanwhile, `sink.next` receives a result with the error and without data, for the page to show; the next result with data
 * replaces it. If the gateway rejects the subscription, such as with status 401, `sink.next` receives the errors of its response, and the
 * subscription ends.
 *
 * Switch off retries of the client itself (`retryAttempts: 0` of graphql-sse).
 * @param subscribe starts the subscription and returns a function that ends it, such as `subscribe` of graphql-sse
 * @param sink receives the results of all attempts, and how the last one ends
 * @returns a function that ends the subscription
 */
export function resubscribe<Result>(
  subscribe: (sink: SubscriptionSink<SubscriptionResult>) => () => void,
  sink: SubscriptionSink<Result>,
  { delayMs = defaultDelayMs }: ResubscribeOptions = {},
): () => void {
  let attempt = 0
  let stop: () => void
  const start = (): void => {
    let isInterrupted = false
    stop = subscribe({
      next(result) {
        isInterrupted = isRetryable(result)
        if (result.data) attempt = 0
        sink.next(result as Result)
      },
      error(error) {
        let isStopped = false
        stop = () => {
          isStopped = true
        }
        void readErrors(error).then((errors) => {
          if (isStopped) return
          if (errors) sink.next({ errors } as Result)
          if (isLostConnection(error)) {
            const { message } = error
            if (!errors)
              sink.next({ errors: [{ message: `Live changes are interrupted: ${message}` }] } as Result)
            return startLater()
          }
          errors ? sink.complete() : sink.error(error)
        })
      },
      complete: () => (isInterrupted ? startLater() : sink.complete()),
    })
  }
  const startLater = (): void => {
    attempt += 1
    const timer = setTimeout(start, delayMs(attempt))
    stop = () => clearTimeout(timer)
  }
  start()
  return () => stop()
}

/** Whether a result is not a part of the subscription but the reason of its end, which can be temporary. */
const isRetryable = ({ data, errors = [] }: SubscriptionResult): boolean =>
  !data &&
  errors.length > 0 &&
  errors.every(({ extensions }) => (extensions as { retryable?: unknown } | undefined)?.retryable === true)

/** Reads the errors of the gateway from the response that a client has rejected. Returns undefined if it has none. */
async function readErrors(error: unknown): Promise<readonly ErrorLike[] | undefined> {
  const { response } = (error ?? {}) as { response?: { json?(): Promise<unknown> } }
  try {
    const { errors } = ((await response?.json?.()) ?? {}) as { errors?: unknown }
    return Array.isArray(errors) && errors.length > 0 ? errors : undefined
  } catch {
    // A proxy responds with HTML, or with nothing.
    return undefined
  }
}

/** Whether there was no response, or one of a proxy without its gateway. A rejection, such as 401, is no lost connection. */
function isLostConnection(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const { response } = error as { response?: { readonly status: number } }
  return response === undefined || response.status >= 500 || response.status === 429
}
