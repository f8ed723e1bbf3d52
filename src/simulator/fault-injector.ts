// Implements fault injection: keeps the active faults and hands them to the service, one call at a time.

import type { MethodName } from '../soap/envelope.ts'
import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { Clock } from './clock.ts'
import { aborted, createDeferred } from './deferred.ts'
import type {
  ConnectionDrop,
  FaultInjection,
  FaultLike,
  FaultScope,
  PausedCalls,
  Undo,
} from './fault-injection.ts'
import type { TaskFaults } from './task-registry.ts'
import { VimFault } from './vim-fault.ts'

interface Rule<T> {
  readonly method: MethodName | undefined
  readonly what: T
  remaining: number
}

/** Pending rules; each is removed after it has applied `times` times. */
class Rules<T> {
  readonly #rules = new Set<Rule<T>>()

  add(what: T, { method, times }: FaultScope = {}, defaultTimes = 1): Undo {
    const rule = { method, what, remaining: times ?? defaultTimes }
    this.#rules.add(rule)
    return () => this.#rules.delete(rule)
  }

  /** Applies the first rule that matches the method and returns its value. */
  take(method: string): T | undefined {
    for (const rule of this.#rules) {
      if (rule.method !== undefined && rule.method !== method) continue
      rule.remaining -= 1
      if (rule.remaining <= 0) this.#rules.delete(rule)
      return rule.what
    }
    return undefined
  }

  clear(): void {
    this.#rules.clear()
  }
}

class CallGate implements PausedCalls {
  readonly #released = createDeferred()
  readonly #watchers = new Set<() => void>()
  waiting = 0

  async pass(signal: AbortSignal): Promise<void> {
    this.waiting += 1
    for (const watcher of this.#watchers) watcher()
    await Promise.race([this.#released.promise, aborted(signal)])
    this.waiting -= 1
  }

  waitFor(count = 1): Promise<void> {
    return new Promise((resolve) => {
      const watcher = () => {
        if (this.waiting < count) return
        this.#watchers.delete(watcher)
        resolve()
      }
      this.#watchers.add(watcher)
      watcher()
    })
  }

  release(): void {
    this.#released.resolve()
  }
}

const toVimFault = (fault: FaultLike, message = ''): VimFault =>
  new VimFault(typeof fault === 'string' ? { _typeName: fault } : fault, message)

/** The parts of the simulator that fault injection acts on. */
export interface FaultTargets {
  readonly clock: Clock
  readonly tasks: TaskFaults
  endSessions(): void
  changePassword(password: string): void
  deny(ref: ManagedObjectReference, property: string, privilegeId: string): Undo
  remove(ref: ManagedObjectReference): void
}

/** The active faults, as the service reads them. */
export class FaultInjector implements FaultInjection {
  readonly #targets: FaultTargets
  readonly #faults = new Rules<VimFault>()
  readonly #latencies = new Rules<number>()
  readonly #gates = new Rules<CallGate>()
  readonly #outages = new Rules<true>()
  readonly #drops = new Rules<ConnectionDrop>()
  readonly #undos = new Set<Undo>()
  readonly #pausedCalls = new Set<CallGate>()
  pageSize: number | undefined
  removedObjects: 'omitted' | 'missingSet' = 'missingSet'
  updates: 'once' | 'replayed' = 'once'
  gzip = false
  /** How reads without a login are rejected. */
  unauthenticated: 'missingSet' | 'fault' = 'missingSet'

  constructor(targets: FaultTargets) {
    this.#targets = targets
  }

  fault(fault: FaultLike, scope: FaultScope & { readonly message?: string } = {}): Undo {
    return this.#faults.add(toVimFault(fault, scope.message), scope)
  }

  taskFault(
    name: string,
    fault: FaultLike,
    { times = 1, message, hasEffect = false }: Parameters<FaultInjection['taskFault']>[2] = {},
  ): Undo {
    const undo = this.#targets.tasks.fail(name, { fault: toVimFault(fault, message), hasEffect }, times)
    this.#undos.add(undo)
    return undo
  }

  latency(ms: number, scope?: FaultScope): Undo {
    return this.#latencies.add(ms, scope, Number.POSITIVE_INFINITY)
  }

  pause(scope?: FaultScope): PausedCalls {
    const gate = new CallGate()
    this.#gates.add(gate, scope, Number.POSITIVE_INFINITY)
    this.#pausedCalls.add(gate)
    return gate
  }

  unavailable(scope?: FaultScope): Undo {
    return this.#outages.add(true, scope)
  }

  dropConnection(how: ConnectionDrop, scope?: FaultScope): Undo {
    return this.#drops.add(how, scope)
  }

  expireSessions(shape: 'missingSet' | 'fault' = 'missingSet'): void {
    this.unauthenticated = shape
    this.#targets.endSessions()
  }

  deny(ref: ManagedObjectReference, property: string, privilegeId = 'System.Read'): Undo {
    const undo = this.#targets.deny(ref, property, privilegeId)
    this.#undos.add(undo)
    return undo
  }

  remove(ref: ManagedObjectReference): void {
    this.#targets.remove(ref)
  }

  changePassword(password: string): void {
    this.#targets.changePassword(password)
    this.#targets.endSessions()
  }

  restart(): void {
    this.#targets.endSessions()
  }

  clear(): void {
    for (const rules of [this.#faults, this.#latencies, this.#gates, this.#outages, this.#drops])
      rules.clear()
    for (const gate of this.#pausedCalls) gate.release()
    for (const undo of this.#undos) undo()
    this.#pausedCalls.clear()
    this.#undos.clear()
    this.pageSize = undefined
    this.removedObjects = 'missingSet'
    this.updates = 'once'
    this.gzip = false
    this.unauthenticated = 'missingSet'
  }

  takeOutage(method: string): boolean {
    return this.#outages.take(method) ?? false
  }

  takeDrop(method: string): ConnectionDrop | undefined {
    return this.#drops.take(method)
  }

  takeFault(method: string): VimFault | undefined {
    return this.#faults.take(method)
  }

  /** Waits for the injected latency and while the call is paused. */
  async wait(method: string, signal: AbortSignal): Promise<void> {
    const latency = this.#latencies.take(method)
    if (latency) {
      const over = createDeferred()
      const cancel = this.#targets.clock.schedule(latency, over.resolve)
      await Promise.race([over.promise, aborted(signal)])
      cancel()
    }
    await this.#gates.take(method)?.pass(signal)
  }
}
