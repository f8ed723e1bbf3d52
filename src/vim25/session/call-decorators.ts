// Decorators of SOAP calls by the kind of their method: reads are queued, writes increment the write version, and lost objects
// replace the login. retries.ts and circuit-breaker.ts have the others.

import type { FairQueue } from '../../concurrency/fair-queue.ts'
import { RequestEncodingError } from '../../soap/soap-error.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { createsServerObject, kindOf } from './call-kind.ts'
import { CircuitOpenError } from './circuit-breaker.ts'
import type { SoapCall } from './soap-call.ts'

/** Queues reads. Sends other calls at once. */
export function withFairQueue(queue: FairQueue, call: SoapCall): SoapCall {
  return (...request) => {
    const [method, , , { caller, signal, onlyIfIdle }] = request
    if (kindOf(method) !== 'read') return call(...request)
    const slot = { caller, signal, onlyIfIdle, isHighPriority: caller?.isHighPriority }
    return queue.run(slot, () => call(...request))
  }
}

/** Counts the changes made by one identity, over all its logins. */
export interface WriteVersion {
  current: number
}

/** Increments the version before and after a write: a read that started during the call may or may not include the change. */
export function withWriteVersion(version: WriteVersion, call: SoapCall): SoapCall {
  return (...request) => {
    if (kindOf(request[0]) !== 'write') return call(...request)
    version.current += 1
    return call(...request).finally(() => {
      version.current += 1
    })
  }
}

/** Replaces the login if a call may have created an object whose reference was lost: only the end of the session destroys it. */
export function withLoginReplacement(replaceLogin: () => void, call: SoapCall): SoapCall {
  return async (...request) => {
    try {
      return await call(...request)
    } catch (error) {
      const wasNotSent =
        error instanceof CircuitOpenError ||
        error instanceof RequestEncodingError ||
        (error instanceof TransportError && !error.mayHaveBeenSent)
      if (createsServerObject(request[0]) && !wasNotSent && !(error instanceof VimFaultError)) replaceLogin()
      throw error
    }
  }
}
