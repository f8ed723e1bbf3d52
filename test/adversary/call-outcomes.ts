// What an adversary does to one SOAP call: whether and when it is executed, and which response the client gets.

import { type ProxiedCall, soapFault } from '../soap-proxy.ts'

export interface CallOutcome {
  readonly name: string
  /** Handles the call. Passes a call to execute later to `executeLater`. */
  handle(call: ProxiedCall, executeLater: (execute: () => Promise<unknown>) => void): Promise<void> | void
}

const html = '<!DOCTYPE html><html><head><title>502</title></head><body>Bad gateway</body></html>'
const htmlHeaders = { 'content-type': 'text/html' }

/** Responses of a broken server or proxy, by name. */
const brokenResponses: readonly (readonly [name: string, send: (call: ProxiedCall) => void])[] = [
  ['dropped connection', (call) => call.dropConnection()],
  ['502', (call) => call.respond(502, html, htmlHeaders)],
  ['503', (call) => call.respond(503, html, htmlHeaders)],
  ['504', (call) => call.respond(504, html, htmlHeaders)],
  ['HTML', (call) => call.respond(200, html, htmlHeaders)],
  ['500 HTML', (call) => call.respond(500, html, htmlHeaders)],
  ['empty body with 200', (call) => call.respond(200, '')],
]

/** Faults that leave open whether the call was executed. */
const ambiguousFaults = [
  'SystemError',
  'HostCommunication',
  'Timedout',
  'HostNotConnected',
  'RequestCanceled',
  'MethodFault',
]

/** Faults that a vCenter raises before it executes anything. */
const rejectionFaults = [
  'NoPermission',
  'InvalidState',
  'NotAuthenticated',
  'InvalidArgument',
  'TaskInProgress',
]

const respondWithFault =
  (type: string) =>
  (call: ProxiedCall): void =>
    call.respond(500, soapFault(type, { faultstring: `injected ${type}` }))

/** Executes the call, then responds as if it had not. */
const afterExecution = (name: string, send: (call: ProxiedCall) => void): CallOutcome => ({
  name: `${name} after execution`,
  async handle(call) {
    await call.forward()
    send(call)
  },
})

const withoutExecution = (name: string, send: (call: ProxiedCall) => void): CallOutcome => ({
  name: `${name} without execution`,
  handle: send,
})

/** Responds, and executes the call if the case requires it. */
const lateExecution = (name: string, send: (call: ProxiedCall) => void): CallOutcome => ({
  name: `${name}, executed late`,
  handle(call, executeLater) {
    send(call)
    executeLater(() => call.forward())
  },
})

/** All outcomes of a write call. */
export const writeOutcomes: readonly CallOutcome[] = [
  ...brokenResponses.flatMap(([name, send]) => [
    withoutExecution(name, send),
    afterExecution(name, send),
    lateExecution(name, send),
  ]),
  ...ambiguousFaults.flatMap((type) => [
    withoutExecution(type, respondWithFault(type)),
    afterExecution(type, respondWithFault(type)),
    lateExecution(type, respondWithFault(type)),
  ]),
  ...rejectionFaults.map((type) => withoutExecution(type, respondWithFault(type))),
]

/** All outcomes of a read call, or of a call that starts or ends an object of the session. */
export const readOutcomes: readonly CallOutcome[] = [
  ...brokenResponses.flatMap(([name, send]) => [withoutExecution(name, send), afterExecution(name, send)]),
  ...[...ambiguousFaults, 'NotAuthenticated', 'NoPermission'].map((type) =>
    withoutExecution(type, respondWithFault(type)),
  ),
]
