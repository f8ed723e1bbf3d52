// A transport between a gateway and the simulator that runs an action at one call, loses its response, or cuts the gateway off as if
// its process had been killed.

import type { Transport, TransportRequest, TransportResponse } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'

/** The call at which an action runs: before it is sent, once it is accepted, or then with its response lost. */
export interface CallMoment {
  readonly method: string
  /** Part of the request, if the method alone does not identify the call. */
  readonly body?: RegExp
  /** A method that must have been called before. */
  readonly after?: string
  readonly when: 'before' | 'accepted' | 'lost'
}

export interface Interceptor {
  /** For `wrap` of startGateway. */
  readonly wrap: (transport: Transport) => Transport
  /** Runs an action at the next such call. */
  at(moment: CallMoment, action: () => unknown): void
  /** Whether the action has run. */
  readonly hasRun: boolean
  /** Resolves when it is killed, to a response without a payload. */
  readonly killed: Promise<{ readonly payload: undefined; readonly reported: readonly never[] }>
  /** From now on, nothing that the gateway sends arrives, and no response. */
  kill(): void
}

export function createInterceptor(): Interceptor {
  let pending: { readonly moment: CallMoment; readonly action: () => unknown } | undefined
  /** The method that has to be called first. */
  let awaited: string | undefined
  let isKilled = false
  let hasRun = false
  let onKilled = () => {}
  const killed = new Promise<void>((resolve) => {
    onKilled = resolve
  }).then(() => ({ payload: undefined, reported: [] }) as const)

  const assertAlive = () => {
    if (isKilled) throw new TransportError('CLOSED', 'The process was killed.')
  }
  const run = async (action: () => unknown) => {
    pending = undefined
    hasRun = true
    await action()
    assertAlive()
  }
  const send = async (transport: Transport, request: TransportRequest): Promise<TransportResponse> => {
    assertAlive()
    const { body = '' } = request
    const method = /<(?:\w+:)?Body>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1]
    if (method === awaited) awaited = undefined
    const isAt = pending?.moment.method === method && (pending?.moment.body?.test(body) ?? true)
    const found = isAt && awaited === undefined ? pending : undefined
    if (found?.moment.when === 'before') await run(found.action)
    const response = await transport.send(request)
    if (found && found.moment.when !== 'before') await run(found.action)
    assertAlive()
    if (found?.moment.when === 'lost') throw new TransportError('CLOSED', 'The response was lost.')
    return response
  }
  return {
    wrap: (transport) => ({
      send: (request) => send(transport, request),
      close: () => transport.close(),
    }),
    at(moment, action) {
      pending = { moment, action }
      awaited = moment.after
      hasRun = false
    },
    get hasRun() {
      return hasRun
    },
    killed,
    kill() {
      isKilled = true
      onKilled()
    },
  }
}
