// The interface of fault injection, for tests. Each method takes effect for calls that arrive later and returns
// a function that undoes it. fault-injector.ts implements it.

import type { MethodName } from '../soap/envelope.ts'
import type { FaultName, ManagedObjectReference } from '../soap/vim-types.ts'

/** A fault by its type name, or with its fields: `{ _typeName: 'NoPermission', privilegeId: 'System.Read' }`. */
export type FaultLike = FaultName | ({ readonly _typeName: string } & Readonly<Record<string, unknown>>)

export interface FaultScope {
  /** Limits the fault to calls of this method. @default all methods */
  readonly method?: MethodName
  /** Number of calls affected. @default 1 */
  readonly times?: number
}

export type Undo = () => void

/**
 * When a connection drops: before the request is executed, after it is executed but before the response, or
 * halfway through the response body.
 */
export type ConnectionDrop = 'unread' | 'unanswered' | 'midBody'

/** Calls that are paused until released. */
export interface PausedCalls {
  /** Number of calls that are paused now. */
  readonly waiting: number
  /** Resolves once this many calls are paused. */
  waitFor(count?: number): Promise<void>
  /** Resumes the paused calls, and does not pause later ones. */
  release(): void
}

export interface FaultInjection {
  /** Answers calls with a fault instead of executing them. */
  fault(fault: FaultLike, scope?: FaultScope & { readonly message?: string }): Undo
  /**
   * Makes tasks with a name such as `CreateSnapshot_Task` fail: without effect, or with `hasEffect` after it, such as a revert whose
   * power-on fails.
   */
  taskFault(
    name: string,
    fault: FaultLike,
    options?: { readonly times?: number; readonly message?: string; readonly hasEffect?: boolean },
  ): Undo
  /** Delays calls by a time on the simulator's clock before they are executed. @default times: Infinity */
  latency(ms: number, scope?: FaultScope): Undo
  /** Pauses calls before they are executed. @default times: Infinity */
  pause(scope?: FaultScope): PausedCalls
  /** Responds with 503 and a proxy's HTML page. */
  unavailable(scope?: FaultScope): Undo
  /** Drops the connection. */
  dropConnection(how: ConnectionDrop, scope?: FaultScope): Undo
  /**
   * Ends all sessions as if they had timed out. Reads then return HTTP 200 with every property in missingSet;
   * all other methods return a fault. With 'fault', reads return a fault too, until `clear`.
   */
  expireSessions(shape?: 'missingSet' | 'fault'): void
  /**
   * Makes a property of an object, and everything below it, read as NoPermission. @default privilegeId:
   * 'System.Read'
   */
  deny(ref: ManagedObjectReference, property: string, privilegeId?: string): Undo
  /** Removes an object from the inventory, as if another client had deleted it. References to it remain. */
  remove(ref: ManagedObjectReference): void
  /** Changes the user's password. Ends all sessions; only the new password is accepted from then on. */
  changePassword(password: string): void
  /** Simulates a restart of the vCenter service: all sessions and the objects that belong to them are lost. */
  restart(): void
  /**
   * Maximum number of objects in one RetrievePropertiesEx response, even if the client sets none; undefined
   * means no limit.
   */
  pageSize: number | undefined
  /**
   * How the pages of a retrieval report an object that was removed since the retrieval began: with every
   * property in missingSet, or not at all.
   * @default 'missingSet'
   */
  removedObjects: 'omitted' | 'missingSet'
  /**
   * How updates are reported. `once`: each change once. `replayed`: as vcsim does. A change is followed by
   * the older state and then reported again, and the last page says that another page follows, whose filterSet is
   * empty.
   * @default 'once'
   */
  updates: 'once' | 'replayed'
  /** Whether HTTP responses are compressed if the client accepts it. In-process responses are never compressed. */
  gzip: boolean
  /** Undoes everything except changed passwords, expired sessions, removed objects and restarts. */
  clear(): void
}
