// What a test can make go wrong. Each switch works at once, on calls that arrive later, and gives back what undoes it.

import type { MethodName } from '../soap/envelope.ts'
import type { FaultName, ManagedObjectReference } from '../soap/vim-types.ts'
import type { Clock } from './clock.ts'
import { aborted, createDeferred } from './deferred.ts'
import type { TaskFaults } from './tasks.ts'
import { VimFault } from './vim-fault.ts'

/** A fault by its type alone, or with its fields: `{ _typeName: 'NoPermission', privilegeId: 'System.Read' }`. */
export type FaultLike = FaultName | ({ readonly _typeName: string } & Readonly<Record<string, unknown>>)

export interface FaultScope {
  /** Only calls of this method. @default all methods */
  readonly method?: MethodName
  /** How many calls it happens to. @default 1 */
  readonly times?: number
}

export type Undo = () => void

/**
 * How a connection breaks: before the request is carried out, after it was but before its answer, or in the middle of
 * the answer.
 */
export type ConnectionDrop = 'unread' | 'unanswered' | 'midBody'

/** Calls that stand still until released. */
export interface PausedCalls {
  /** How many calls are waiting now. */
  readonly waiting: number
  /** Resolves once so many calls are waiting. */
  waitFor(count?: number): Promise<void>
  /** Lets them go on, and all later ones. */
  release(): void
}

export interface FaultInjection {
  /** Answers calls with a fault instead of carrying them out. */
  fault(fault: FaultLike, scope?: FaultScope & { readonly message?: string }): Undo
  /** Makes tasks of a name, such as `CreateSnapshot_Task`, end with a fault, their work undone. */
  taskFault(
    name: string,
    fault: FaultLike,
    options?: { readonly times?: number; readonly message?: string },
  ): Undo
  /** Lets time pass on the simulator's clock before calls are carried out. @default times: Infinity */
  latency(ms: number, scope?: FaultScope): Undo
  /** Stops calls before they are carried out. @default times: Infinity */
  pause(scope?: FaultScope): PausedCalls
  /** Answers 503 with a proxy's HTML page. */
  unavailable(scope?: FaultScope): Undo
  /** Breaks the connection. */
  dropConnection(how: ConnectionDrop, scope?: FaultScope): Undo
  /**
   * Ends all sessions as if they had idled too long. Reads are turned away with HTTP 200 and everything in missingSet,
   * all other methods with a fault; with 'fault', reads too, until `clear`.
   */
  expireSessions(shape?: 'missingSet' | 'fault'): void
  /** Has a property of an object, and all below it, read as NoPermission. @default privilegeId: 'System.Read' */
  deny(ref: ManagedObjectReference, property: string, privilegeId?: string): Undo
  /** Takes an object out of the world, as if someone had deleted it. References to it stay behind. */
  remove(ref: ManagedObjectReference): void
  /** As if the user's password had been changed: what stood with the old one ends, and the new one alone lets in. */
  changePassword(password: string): void
  /** As if vCenter's service had been restarted: all sessions, and whatever belongs to them, are gone. */
  restart(): void
  /** The most objects in one reply of RetrievePropertiesEx, asked for or not; undefined is no limit. */
  pageSize: number | undefined
  /**
   * How the pages of a retrieval tell of an object that was removed since it began: with everything in missingSet, or not
   * at all. @default 'missingSet'
   */
  removedObjects: 'leftOut' | 'missingSet'
  /**
   * How updates are told: each once, or as vcsim does, where a change is followed by the older state that it came from and
   * then told again, and the last page says that another follows, which has a filterSet of nothing. @default 'once'
   */
  updates: 'once' | 'replayed'
  /** Whether answers are compressed for those who accept it. Over HTTP only: in-process answers are never compressed. */
  gzip: boolean
  /** Takes everything back, but for passwords and what expired, was removed or restarted. */
  clear(): void
}

interface Rule<T> {
  readonly method: MethodName | undefined
  readonly what: T
  remaining: number
}

/** Rules that wait for calls; each is used up after its times. */
class Rules<T> {
  readonly #rules = new Set<Rule<T>>()

  add(what: T, { method, times }: FaultScope = {}, defaultTimes = 1): Undo {
    const rule = { method, what, remaining: times ?? defaultTimes }
    this.#rules.add(rule)
    return () => this.#rules.delete(rule)
  }

  /** The first rule that the method falls under. */
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

/** What the trouble of others is: the parts of the simulator that it reaches into. */
export interface FaultTargets {
  readonly clock: Clock
  readonly tasks: TaskFaults
  endSessions(): void
  changePassword(password: string): void
  deny(ref: ManagedObjectReference, property: string, privilegeId: string): Undo
  remove(ref: ManagedObjectReference): void
}

/** The trouble that there is, as the service meets it. */
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
  removedObjects: 'leftOut' | 'missingSet' = 'missingSet'
  updates: 'once' | 'replayed' = 'once'
  gzip = false
  /** How reads turn away who is not logged in. */
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
    options: { readonly times?: number; readonly message?: string } = {},
  ): Undo {
    const undo = this.#targets.tasks.fail(name, toVimFault(fault, options.message), options.times ?? 1)
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

  /** Waits for as long as latency and holds say. */
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
