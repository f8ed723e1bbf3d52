// What an adversary does to one SOAP call: whether it is executed, when, and what the client gets instead of the response.

import { type ProxiedCall, soapFault } from '../soap-proxy.ts'

export interface Fate {
  readonly name: string
  /** Handles the call. A call that is to be executed later is given to `late`. */
  handle(call: ProxiedCall, late: (execute: () => Promise<unknown>) => void): Promise<void> | void
}

const html = '<!DOCTYPE html><html><head><title>502</title></head><body>Bad gateway</body></html>'
const isHtml = { 'content-type': 'text/html' }

/** What the client gets. */
const answers: readonly (readonly [name: string, send: (call: ProxiedCall) => void])[] = [
  ['cut', (call) => call.cut()],
  ['502', (call) => call.respond(502, html, isHtml)],
  ['503', (call) => call.respond(503, html, isHtml)],
  ['504', (call) => call.respond(504, html, isHtml)],
  ['HTML', (call) => call.respond(200, html, isHtml)],
  ['500 HTML', (call) => call.respond(500, html, isHtml)],
  ['nothing with 200', (call) => call.respond(200, '')],
]

/** Faults that say nothing about whether the call was executed. */
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

/** Executes the call, then answers as if it were not. */
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

/** Answers, and executes the call when the case says so. */
const lateExecution = (name: string, send: (call: ProxiedCall) => void): Fate => ({
  name: `${name}, executed late`,
  handle(call, late) {
    send(call)
    late(() => call.forward())
  },
})

/** All that can happen to a call that changes something. */
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

/** All that can happen to a call that reads, or that begins or ends something of the session's own. */
export const readFates: readonly Fate[] = [
  ...answers.flatMap(([name, send]) => [withoutExecution(name, send), afterExecution(name, send)]),
  ...[...doubtfulFaults, 'NotAuthenticated', 'NoPermission'].map((type) =>
    withoutExecution(type, fault(type)),
  ),
]
