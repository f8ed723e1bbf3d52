// Types of simulated methods: functions from a call to its result. Each managed object type's file exports a
// table of them.

import type { MethodArgs, MethodName, MethodResult } from '../soap/envelope.ts'
import type { SimulatedInventory, SimulatedObject } from './simulated-inventory.ts'

export interface Call<M extends MethodName> {
  readonly objects: SimulatedInventory
  /** The object that the method is called on. It exists and has the declared type. */
  readonly self: SimulatedObject
  readonly args: MethodArgs<M>
  /** The logged-in user; undefined if the method needs no login. */
  readonly userName: string | undefined
  /** Aborted when the client disconnects or the server stops. */
  readonly signal: AbortSignal
}

/** A method throws a VimFault to fail. */
type Method<M extends MethodName> = (call: Call<M>) => MethodResult<M> | Promise<MethodResult<M>>

export type MethodTable = { readonly [M in MethodName]?: Method<M> }
