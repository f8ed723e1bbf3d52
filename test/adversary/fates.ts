// What an adversary does to one SOAP call: whether and when it is executed, and which response the client gets.

import { type ProxiedCall, soapFault } from '../soap-proxy.ts'

export interface Fate {
  readonly name: string
  /** Handles the call. Passes a call that is executed later to `late`. */
  handle(call: ProxiedCall, late: (execute: () => Promise<unknown>) => void): Promise<void> | void
}

const html = '<!DOCTYPE html><html><head><title>502</title></head><body>Bad gateway</body></html>'
const isHtml = { 'content-type': 'text/html' }

/** The client's response. */
const answers: readonly (readonly [name: string, send: (call: ProxiedCall) => void])[] = [
  ['cut', (call) => call.cut()],
  ['502', (call) => call.respond(502, html, isHtml)],
  ['503', (call) => call.respond(503, html, isHtml)],
  ['504', (call) => call.respond(504, html, isHtml)],
  ['HTML', (call) => call.respond(200, html, isHtml)],
  ['500 HTML', (call) => call.respond(500, html, isHtml)],
  ['nothing with 200', (call) => call.respond(200, '')],
]

/** Faults that leave open whether the call was executed. */
const doubtfulFaults = [
  'SystemError',
  'HostCommunication',
  'Timedout',
  'HostNotConnected',
  'RequestCanceled',
  'MethodFault',
]

/** Faults that a vCenter raises before it executes anything. */
const refusals = ['NoPermission', 'InvalidState', 'NotAuthenticated', 'InvalidArgument', 'TaskInProgress']

const fault =
  (type: string) =>
  (call: ProxiedCall): void =>
    call.respond(500, soapFault(type, { faultstring: `it is ${type}` }))

/** Executes the call, then responds as if it had not. */
const afterExecution = (name: string, send: (call: ProxiedCall) => void): Fate => ({
  name: `${name} after execution`,
  async handle(call) {
    await call.forward()
    send(call)
  },
})

const withoutExecution = (name: string, send: (call: ProxiedCall) => void): Fate => ({
  name: `${name} without execution`,
  handle: send,
})

/** Responds, and executes the call if the case requires it. */
const lateExecution = (name: string, send: (call: ProxiedCall) => void): Fate => ({
  name: `${name}, executed late`,
  handle(call, late) {
    send(call)
    late(() => call.forward())
  },
})

/** All fates of a write call. */
export const changeFates: readonly Fate[] = [
  ...answers.flatMap(([name, send]) => [
    withoutExecution(name, send),
    afterExecution(name, send),
    lateExecution(name, send),
  ]),
  ...doubtfulFaults.flatMap((type) => [
    withoutExecution(type, fault(type)),
    afterExecution(type, fault(type)),
    lateExecution(type, fault(type)),
  ]),
  ...refusals.map((type) => withoutExecution(type, fault(type))),
]

/** All fates of a read call, or of a call that starts or ends an object of the session. */
export const readFates: readonly Fate[] = [
  ...answers.flatMap(([name, send]) => [withoutExecution(name, send), afterExecution(name, send)]),
  ...[...doubtfulFaults, 'NotAuthenticated', 'NoPermission'].map((type) =>
    withoutExecution(type, fault(type)),
  ),
]
