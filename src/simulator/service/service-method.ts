// A method of the service itself: like any simulated method, but it also sees the session and the connection.

import type { MethodName, MethodResult } from '../../soap/envelope.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Call } from '../method-table.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import type { Caller, Session } from './sessions.ts'

/** The caller's end: it may hold a session's cookie, and a login gives it another. */
export interface Connection extends Caller {
  session: Session | undefined
  /** Set when the answer has to hand out a cookie. */
  cookie: string | undefined
}

export interface ServiceCall<M extends MethodName> extends Call<M> {
  readonly connection: Connection
  /** The caller's session. A method that needs no login reads `connection.session`. */
  readonly session: Session
  /** The object behind a reference, as the caller sees it: the session's own before the world's. */
  find(ref: ManagedObjectReference): SimulatedObject | undefined
}

/** A result whose returnval elements are text already. */
export class ReturnvalText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type ServiceMethod<M extends MethodName> = (
  call: ServiceCall<M>,
) => MethodResult<M> | ReturnvalText | Promise<MethodResult<M> | ReturnvalText>

export type ServiceMethodTable = { readonly [M in MethodName]?: ServiceMethod<M> }

/** The object behind a reference, or the fault that there is none. */
export function findOrFault(
  call: Pick<ServiceCall<MethodName>, 'find'>,
  ref: ManagedObjectReference,
): SimulatedObject {
  const object = call.find(ref)
  if (!object) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })
  return object
}

export const invalidArgument = (invalidProperty: string): VimFault =>
  new VimFault({ _typeName: 'InvalidArgument', invalidProperty })

export const notAuthenticated = (object: ManagedObjectReference, privilegeId = 'System.View'): VimFault =>
  new VimFault({ _typeName: 'NotAuthenticated', object, privilegeId })
